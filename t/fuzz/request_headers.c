/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Access-Control-Request-Headers, and the lists that it is held against.
 *
 *      choices     1: credentials; 1: sections are merged from the right;
 *                  how often the fields are said, in eights; what they are
 *                  filled up with, 1: in front, and to how many bytes: 3 for
 *                  4 KiB exactly
 *      names       as behind CorsAllowHeaders, `|` between sections
 *      field       and further lines of them
 *
 * A naive reader says which requested name is to blame, if any. What is sent
 * back is of tokens that the page asked for, and of no byte else. */
#include "cors_policy.h"

#include "fuzz.h"
#include "names.h"

static cors_policy_t policy;
static naive_names_t naive;

/* ---------------------------------------------------------- the request -- */

/* Does the slice stand in these bytes? */
static int stands_in(cors_str_t whole, cors_str_t part)
{
    return part.p >= whole.p && part.n <= whole.n
        && (size_t)(part.p - whole.p) <= whole.n - part.n;
}

/* Field after field as httpd joins them, over and over, filled up if asked. */
static cors_str_t join_fields(cors_str_t rest, cors_str_t *choices)
{
    static const char fillings[] = ", \tx";
    static char text[16384];

    const unsigned times = 1 + take_choice(choices) * 8;
    const unsigned filling = take_choice(choices);
    const unsigned is_front = take_choice(choices) % 2;
    const unsigned off = take_choice(choices);
    cors_str_t fields, line, joined = { text, 0 };
    unsigned i;

    for (i = 0; i < times; i++) {
        fields = rest;
        while (fields.n > 0) {
            line = take_line(&fields);
            if (joined.n + line.n + 2 > sizeof(text) / 2) {
                break;
            }
            if (joined.n > 0) {
                memcpy(text + joined.n, ", ", 2);
                joined.n += 2;
            }
            if (line.n > 0) {
                memcpy(text + joined.n, line.p, line.n);
            }
            joined.n += line.n;
        }
    }
    if (filling > 0) {
        const size_t want = CORS_REQUEST_HEADERS_MAX + off % 8 - 3;
        const size_t more = want > joined.n ? want - joined.n : 0;
        const char c = fillings[filling % (sizeof(fillings) - 1)];

        if (is_front) {
            memmove(text + more, text, joined.n);
            memset(text, c, more);
        }
        else {
            memset(text + joined.n, c, more);
        }
        joined.n += more;
    }
    return exact_copy(joined);
}

/* --------------------------------------------------------------- checks -- */

static void check_verdict(cors_str_t headers)
{
    const cors_str_t want = naive_blame(&naive, headers, policy.credentials);
    cors_request_t request;
    cors_verdict_t verdict;

    memset(&request, 0, sizeof(request));
    request.origin = cors_str("https://app.example.com");
    request.is_preflight = 1;
    request.method = cors_str("GET");
    request.headers = headers;
    cors_decide(&policy, &request, &verdict);
    promise(verdict.result == (want.p != NULL ? CORS_DENIED_HEADER
                                              : CORS_ALLOWED),
            want.p != NULL ? "a header is not allowed" : "all are allowed",
            want.p != NULL ? want : headers);
    promise(verdict.blamed.p == want.p && verdict.blamed.n == want.n,
            "the first that is not allowed is to blame", want);
    promise(headers.n <= 4096 || verdict.result == CORS_DENIED_HEADER,
            "more than 4 KiB are not allowed", headers);
    promise(verdict.allow_origin.n > 0,
            "the browser is left to compare the lists", headers);
}

/* The names that are sent back beside the literal ones. */
static void check_open(cors_str_t headers)
{
    cors_str_t rest = headers, name;
    size_t at, end;

    for (at = 0; at < headers.n && headers.n <= 4096; at = end + 1) {
        const cors_str_t want = naive_element(headers, at, &end);

        if (want.n > 0
            && naive_allows_header(&naive, want, policy.credentials)
            && !naive_is_listed(&naive, want, "=")) {
            promise(cors_next_open_header(&policy, &rest, &name),
                    "an allowed header is sent back", want);
            promise(name.p == want.p && name.n == want.n,
                    "in order, in the client's bytes", want);
        }
    }
    promise(!cors_next_open_header(&policy, &rest, &name),
            "nothing else is sent back", headers);
}

/* Is it one of these, ASCII case aside? */
static int is_any_of(cors_str_t name, const char *const *words)
{
    for (; *words; words++) {
        if (name.n == strlen(*words)
            && strncasecmp(name.p, *words, name.n) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The name in other letters. */
static cors_str_t turned(cors_str_t name)
{
    const cors_str_t copy = exact_copy(name);
    char *bytes = (char *)copy.p;
    size_t i;

    for (i = 0; i < name.n; i++) {
        if (bytes[i] >= 'a' && bytes[i] <= 'z') {
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
        }
        else if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
            bytes[i] = (char)(bytes[i] - 'A' + 'a');
        }
    }
    return copy;
}

/* What a name is taken for: any bytes. */
static void check_ranks(cors_str_t name)
{
    static const char *const forbidden[] = {
        "CONNECT", "TRACE", "TRACK", NULL
    };
    static const char *const mended[] = {
        "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", NULL
    };
    int (*const ranks[])(cors_str_t) = {
        cors_is_forbidden_method, cors_is_forbidden_request_header,
        cors_is_forbidden_request_prefix, cors_is_response_only_header,
        cors_is_forbidden_response_header, cors_is_request_only_header,
        cors_is_safelisted_response_header, cors_is_hop_by_hop_header,
        cors_is_non_wildcard_request_header
    };
    const cors_str_t other = turned(name);
    const char *right = NULL;
    const cors_method_kind_t kind = cors_method_kind(name, &right);
    size_t i;

    for (i = 0; i < sizeof(ranks) / sizeof(*ranks); i++) {
        promise(!!ranks[i](name) == !!ranks[i](other),
                "letter case is nothing to a name", name);
    }
    promise(!cors_is_forbidden_request_prefix(name)
            || cors_is_forbidden_request_header(name),
            "a forbidden prefix forbids", name);
    promise((kind == CORS_METHOD_NO_TOKEN) == !naive_is_token(name),
            "a method is a token", name);
    promise((kind == CORS_METHOD_FORBIDDEN) == is_any_of(name, forbidden),
            "methods that no page can use", name);
    promise((kind == CORS_METHOD_NORMALISED || kind == CORS_METHOD_MISSPELT)
            == (right != NULL), "a method is mended", name);
    if (right != NULL) {
        const char *const words[] = { right, NULL };

        promise(is_any_of(name, words) && !cors_str_is(name, right),
                "in its letters only", name);
        promise((kind == CORS_METHOD_NORMALISED) == is_any_of(name, mended),
                "as browsers do it", name);
    }
}

/* A comma list, taken apart: as the naive reader does it. */
static void check_list(cors_str_t value)
{
    cors_str_t rest = value, item;
    size_t at, end, checked = 0;

    for (at = 0; at < value.n; at = end + 1) {
        const cors_str_t want = naive_element(value, at, &end);

        if (want.n > 0) {
            promise(cors_field_next(&rest, &item) && item.p == want.p
                    && item.n == want.n, "the elements of a list", want);
            promise(stands_in(value, item) && stands_in(value, rest),
                    "and what is left of it", value);
            promise(!!cors_is_token(item) == naive_is_token(item),
                    "a token is one", item);
            if (checked++ < 16) {
                check_ranks(exact_copy(item));
            }
        }
    }
    promise(!cors_field_next(&rest, &item), "and no more", value);
    promise(!cors_field_next(&rest, &item) && rest.n == 0,
            "at the end it stays at the end", value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cors_str_t rest = begin_input(bytes, n);
    cors_str_t choices = take_line(&rest);
    cors_pattern_t any;
    cors_reading_t reading;
    const cors_place_t place = { "fuzz", 1 };
    cors_origins_t *origins = cors_origins_make(input_pool, place);
    cors_str_t headers;

    cors_pattern_parse(cors_str("https://app.example.com"), NULL, &any,
                       &reading);
    cors_origins_add(input_pool, origins, &any, place, 0);
    memset(&policy, 0, sizeof(policy));
    policy.origins = &origins->list;
    policy.credentials = take_choice(&choices) == 1;
    policy.headers = read_names(take_line(&rest), cors_str_ieq,
                                take_choice(&choices) == 1, &naive);
    headers = join_fields(rest, &choices);
    check_list(headers);
    check_verdict(headers);
    check_open(headers);
    check_joined(policy.headers, &naive);
    promise(!!cors_policy_sends_star(&policy, policy.headers)
            == (!policy.credentials && naive_has_entry(&naive, "*", 0)
                && !naive_has_entry(&naive, "=^", 1)),
            "when '*' is sent", headers);
    promise(!!cors_list_is_open(policy.headers)
            == naive_has_entry(&naive, "^*", -1),
            "when names depend on the request", headers);
    end_input();
    return 0;
}
