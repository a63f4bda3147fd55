/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* A page, what it sends, and what it is answered.
 *
 *      choices     the preflight's status; how often the headers are sent
 *      origin
 *      method
 *      header      `Name: value`, or `Name` where the value is not known; as
 *                  many as there are, up to an empty line
 *      answer      `O value` is Access-Control-Allow-Origin, `C` is
 *                  -Credentials, `M` -Methods, `H` -Headers, `E`
 *                  -Expose-Headers, `A` Access-Control-Max-Age
 *
 * A naive browser says which names it asks for, and where it stops. */
#include "cors_browser.h"

#include "fuzz.h"
#include "naive.h"
#include "naive_names.h"
#include "naive_origin.h"

#define SENT_MAX 100

/* A text of others has 103 bytes, and no detail has more than three. */
#define DETAIL_MAX 600

/* ------------------------------------------------------------ the input -- */

static const char *const fields[] = {
    "OAccess-Control-Allow-Origin", "CAccess-Control-Allow-Credentials",
    "MAccess-Control-Allow-Methods", "HAccess-Control-Allow-Headers",
    "EAccess-Control-Expose-Headers", "AAccess-Control-Max-Age"
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

static const char *answer[FIELDS];

static const char *received(const char *name, void *context)
{
    size_t i = 0;

    (void)context;
    while (i < FIELDS && strcmp(fields[i] + 1, name) != 0) {
        i++;
    }
    promise(i < FIELDS, "browsers read no other field", cors_str(name));
    return answer[i];
}

/* All that is answered in a field, or NULL; the name is its letter. */
static const char *get(char name)
{
    size_t i = 0;

    while (*fields[i] != name) {
        i++;
    }
    return answer[i];
}

static void read_answer(cors_str_t rest)
{
    memset(answer, 0, sizeof(answer));
    while (rest.n > 0) {
        const cors_str_t line = take_line(&rest);
        const size_t skip = line.n > 1 ? 2 : line.n;
        const char *value = line.n == 0 ? ""
            : apr_pstrmemdup(input_pool, line.p + skip, line.n - skip);
        size_t i;

        for (i = 0; i < FIELDS; i++) {
            if (line.n > 0 && *line.p == *fields[i]) {
                answer[i] = answer[i] == NULL ? value
                    : apr_psprintf(input_pool, "%s, %s", answer[i], value);
            }
        }
    }
}

static apr_array_header_t *read_sent(cors_str_t *rest, unsigned times)
{
    apr_array_header_t *sent = apr_array_make(input_pool, SENT_MAX,
                                              sizeof(cors_sent_t));
    cors_str_t line;
    unsigned i;

    while ((line = take_line(rest)).n > 0) {
        const char *colon = memchr(line.p, ':', line.n);
        const size_t n = colon ? (size_t)(colon - line.p) : line.n;

        for (i = 0; i < times && sent->nelts < SENT_MAX; i++) {
            cors_sent_t *header = apr_array_push(sent);

            header->name = exact_copy(cors_str_sub(line, 0, n));
            header->value = cors_str(NULL);
            if (colon != NULL) {
                header->value = exact_copy(cors_str_sub(line, n + 1, line.n));
            }
        }
    }
    return sent;
}

/* ---------------------------------------------------- the naive browser -- */

static cors_str_t naive_trim(cors_str_t s)
{
    while (s.n > 0 && memchr(" \t\r\n", *s.p, 4)) {
        s = cors_str_sub(s, 1, s.n);
    }
    while (s.n > 0 && memchr(" \t\r\n", s.p[s.n - 1], 4)) {
        s.n--;
    }
    return s;
}

static int naive_is(cors_str_t s, const char *word)
{
    return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static int naive_is_any(cors_str_t s, const char *const *words)
{
    while (*words && !naive_is(s, *words)) {
        words++;
    }
    return *words != NULL;
}

/* Is it a field that no page can send? */
static int naive_is_left_out(cors_str_t name, cors_str_t value)
{
    static const char *const names[] = {
        "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Access-Control-Request-Private-Network", "Connection",
        "Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect",
        "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE",
        "Trailer", "Transfer-Encoding", "Upgrade", "Via", NULL
    };
    static const char *const overrides[] = {
        "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", NULL
    };
    static const char *const methods[] = {
        "CONNECT", "TRACE", "TRACK", NULL
    };
    const int is_override = value.p != NULL && naive_is_any(name, overrides);
    size_t i, from = 0;
    int is_quoted = 0;

    if (naive_is_any(name, names)
        || (name.n >= 4 && strncasecmp(name.p, "sec-", 4) == 0)
        || (name.n >= 6 && strncasecmp(name.p, "proxy-", 6) == 0)) {
        return 1;
    }
    for (i = 0; is_override && i <= value.n; i++) {
        if (i == value.n || (value.p[i] == ',' && !is_quoted)) {
            if (naive_is_any(naive_trim(cors_str_sub(value, from, i)),
                             methods)) {
                return 1;
            }
            from = i + 1;
        }
        else if (value.p[i] == '"') {
            is_quoted = !is_quoted;
        }
        else if (value.p[i] == '\\' && is_quoted) {
            i += i + 1 < value.n;
        }
    }
    return 0;
}

static int naive_is_value(cors_str_t value)
{
    return value.n == 0 || (!memchr(value.p, '\r', value.n)
                            && !memchr(value.p, '\n', value.n)
                            && !memchr(value.p, '\0', value.n));
}

static int naive_is_sent(const cors_sent_t *header)
{
    const cors_str_t value = naive_trim(header->value);

    return naive_is_token(header->name) && naive_is_value(value)
        && !naive_is_left_out(header->name, value);
}

/* The digits with zeros in front, as many as any value has bytes. */
static const char *naive_number(const char *digits, size_t n)
{
    char *padded = apr_pstrmemdup(input_pool, digits, n);

    while (strlen(padded) < 128) {
        padded = apr_psprintf(input_pool, "0%s", padded);
    }
    return padded;
}

/* What stands behind `bytes=`. */
static int naive_is_range(const char *text)
{
    const size_t from = strspn(text, NAIVE_DIGITS);
    const char *end = text + from + 1;
    size_t to;

    if (from == 0 || text[from] != '-') {
        return 0;
    }
    to = strspn(end, NAIVE_DIGITS);
    return end[to] == '\0'
        && (to == 0 || strcmp(naive_number(text, from),
                              naive_number(end, to)) <= 0);
}

/* Is the header safelisted, other values aside? */
static int naive_is_safe(const cors_sent_t *header)
{
    static const char *const of_language[] = {
        "accept-language", "content-language", NULL
    };
    static const char *const types[] = {
        "text/plain", "multipart/form-data",
        "application/x-www-form-urlencoded", NULL
    };
    const cors_str_t name = header->name, value = naive_trim(header->value);
    const int is_type = naive_is(name, "content-type");
    char text[129];
    const char *p;

    if (header->value.p == NULL) {
        return naive_is(name, "accept") || naive_is_any(name, of_language);
    }
    if (!put_text(value, text, sizeof(text))) {
        return 0;               /* a NUL is as bad as more than 128 bytes */
    }
    if (naive_is_any(name, of_language)) {
        return text[strspn(text, NAIVE_LOWER NAIVE_UPPER NAIVE_DIGITS
                           " *,-.;=")] == '\0';
    }
    if (naive_is(name, "range")) {
        return strncmp(text, "bytes=", 6) == 0 && naive_is_range(text + 6);
    }
    for (p = text; *p; p++) {
        if ((*p > 0 && *p < ' ' && *p != '\t')
            || strchr("\"():<>?@[\\]{}\x7f", *p)) {
            return 0;
        }
    }
    return is_type
        ? naive_is_any(naive_trim(cors_str_sub(value, 0, strcspn(text, ";"))),
                       types)
        : naive_is(name, "accept");
}

/* All that is safelisted of what is sent: too much of it? */
static int naive_is_too_much(const apr_array_header_t *sent)
{
    size_t sum = 0;
    int i;

    for (i = 0; i < sent->nelts; i++) {
        const cors_sent_t *header = &APR_ARRAY_IDX(sent, i, cors_sent_t);

        if (naive_is_sent(header) && naive_is_safe(header)) {
            sum += naive_trim(header->value).n;
        }
    }
    return sum > 1024;
}

/* Is the name in a list? -1: that is no list. */
static int naive_has(const char *list, cors_str_t name, int is_caseless)
{
    const cors_str_t all = naive_trim(cors_str(list));
    size_t at, end;
    int found = 0;

    for (at = 0; at < all.n; at = end + 1) {
        const cors_str_t item = naive_element(all, at, &end);

        if (item.n > 0 && !naive_is_token(item)) {
            return -1;
        }
        found |= item.n > 0 && item.n == name.n
            && (is_caseless ? strncasecmp(item.p, name.p, item.n)
                            : memcmp(item.p, name.p, item.n)) == 0;
    }
    return found;
}

static int naive_allows_origin(cors_str_t origin)
{
    const cors_str_t value = naive_trim(cors_str(get('O')));

    return value.p != NULL
        && (naive_is(value, "*") || cors_str_eq(value, origin));
}

static int naive_allows(char field, cors_str_t name)
{
    const int is_caseless = field == 'H';

    return naive_has(get(field), name, is_caseless) == 1
        || (naive_has(get(field), cors_str("*"), 1) == 1
            && !(is_caseless && naive_is(name, "authorization")));
}

/* --------------------------------------------------------------- checks -- */

/* A step that ends it is the last, and is told. */
static void check_steps(int goes_on, const apr_array_header_t *steps)
{
    int i;

    promise(steps->nelts > 0 && steps->nelts <= SENT_MAX + 5,
            "there are steps, not too many", cors_str("steps"));
    for (i = 0; i < steps->nelts; i++) {
        const cors_step_t *step = &APR_ARRAY_IDX(steps, i, cors_step_t);
        const cors_str_t detail = cors_str(step->detail);

        promise(step->ok >= -1 && step->ok <= 1, "yes, no, or neither",
                detail);
        promise((step->ok == 0) == (!goes_on && i == steps->nelts - 1),
                "who stops stops behind the first that is no", detail);
        promise(detail.n > 0 && detail.n < DETAIL_MAX,
                "a detail has some length", detail);
    }
}

/* What is asked for is in lower case, sorted, and as the naive one does. */
static void check_names(const cors_fetch_t *fetch, const char *names)
{
    const int is_too_much = naive_is_too_much(fetch->sent);
    const cors_str_t all = cors_str(names);
    char last[2048] = "", name[2048];
    size_t at, end, n = 0;
    int i;

    for (i = 0; i < fetch->sent->nelts; i++) {
        const cors_sent_t *header = &APR_ARRAY_IDX(fetch->sent, i,
                                                   cors_sent_t);
        const int is_asked = naive_is_sent(header)
            && (is_too_much || !naive_is_safe(header));

        promise(!is_asked || naive_has(names, header->name, 1) == 1,
                "what is unsafe is asked for", header->name);
        n += is_asked;
    }
    promise((n > 0) == (names != NULL), "or nothing", all);
    for (at = 0; at < all.n; at = end + 1) {
        const cors_str_t item = naive_element(all, at, &end);

        promise(put_text(item, name, sizeof(name)) && naive_is_token(item)
                && strcspn(name, NAIVE_UPPER) == item.n
                && strcmp(last, name) < 0 && n-- > 0,
                "in lower case, sorted, each once", item);
        promise(end == all.n || all.p[end] == ',', "commas, no blanks", all);
        strcpy(last, name);
    }
}

static void check_request(const cors_fetch_t *fetch, apr_array_header_t *steps,
                          int goes_on)
{
    static const char *const forbidden[] = {
        "CONNECT", "TRACE", "TRACK", NULL
    };
    int is_good = naive_is_token(fetch->method)
        && !naive_is_any(fetch->method, forbidden);
    const int is_refused = !is_good;
    int i;

    for (i = 0; i < fetch->sent->nelts; i++) {
        const cors_sent_t *header = &APR_ARRAY_IDX(fetch->sent, i,
                                                   cors_sent_t);

        is_good &= naive_is_token(header->name)
            && naive_is_value(naive_trim(header->value));
    }
    promise(!!goes_on == is_good, "the page's request is one",
            fetch->method);
    promise(is_refused || (APR_ARRAY_IDX(steps, 0, cors_step_t).ok == 1)
                          == naive_is_origin(fetch->origin),
            "an origin that no browser has is told", fetch->origin);
}

static void check_preflight(const cors_fetch_t *fetch, int status,
                            cors_str_t method, cors_str_t names, int goes_on)
{
    const int is_simple = cors_str_is(method, "GET")
        || cors_str_is(method, "HEAD") || cors_str_is(method, "POST");
    int want = naive_allows_origin(fetch->origin)
        && (status == 0 || status / 100 == 2)
        && naive_has(get('M'), method, 0) >= 0
        && naive_has(get('H'), method, 1) >= 0
        && (is_simple || naive_allows('M', method));
    size_t at, end;

    for (at = 0; at < names.n; at = end + 1) {
        want &= naive_allows('H', naive_element(names, at, &end));
    }
    promise(!!goes_on == want, want ? "this preflight is enough"
                                    : "this preflight is not enough",
            method);
    promise(!!cors_browser_preflights(input_pool, fetch)
            == (!is_simple || names.p != NULL), "who is asked first",
            method);
}

static void check_response(const cors_fetch_t *fetch,
                           apr_array_header_t *steps, int goes_on)
{
    const cors_str_t origin = naive_trim(cors_str(get('O')));
    const cors_str_t credentials = naive_trim(cors_str(get('C')));

    promise(!!goes_on == naive_allows_origin(fetch->origin),
            "the response's origin", fetch->origin);
    promise(steps->nelts == (goes_on ? 3 : 1), "and what else", origin);
    if (goes_on) {
        promise((APR_ARRAY_IDX(steps, 1, cors_step_t).ok == 1)
                == (cors_str_is(credentials, "true")
                    && !naive_is(origin, "*")),
                "cookies need the origin itself and 'true'", credentials);
        promise(APR_ARRAY_IDX(steps, 2, cors_step_t).ok == -1
                || naive_has(get('E'), cors_str("*"), 1) >= 0,
                "a list that does not parse exposes nothing",
                cors_str(get('E')));
    }
}

static apr_array_header_t *no_steps(void)
{
    return apr_array_make(input_pool, 1, sizeof(cors_step_t));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const int statuses[] = {
        204, 200, 299, 0, 199, 300, 301, 302, 303, 304, 307, 308, 400, 401,
        403, 404, 405, 407, 500, 501, 503, -1, 1000
    };
    cors_str_t rest = begin_input(bytes, n);
    cors_str_t choices = take_line(&rest);
    const int status = statuses[take_choice(&choices)
                                % (sizeof(statuses) / sizeof(*statuses))];
    const unsigned times = 1 + take_choice(&choices);
    const char *method, *names;
    apr_array_header_t *steps;
    cors_fetch_t fetch;
    int goes_on;

    fetch.origin = take_line(&rest);
    fetch.method = take_line(&rest);
    fetch.sent = read_sent(&rest, times);
    read_answer(rest);
    method = cors_browser_method(input_pool, fetch.method);
    names = cors_browser_unsafe_names(input_pool, fetch.sent);
    check_names(&fetch, names);

    steps = no_steps();
    goes_on = cors_browser_judge_request(input_pool, &fetch, steps);
    check_steps(goes_on, steps);
    check_request(&fetch, steps, goes_on);

    steps = no_steps();
    goes_on = cors_browser_judge_preflight(input_pool, &fetch, status,
                                           received, NULL, steps);
    check_steps(goes_on, steps);
    if (naive_is_token(fetch.method)) {
        check_preflight(&fetch, status, cors_str(method), cors_str(names),
                        goes_on);
    }

    steps = no_steps();
    goes_on = cors_browser_judge_response(input_pool, &fetch, received, NULL,
                                          steps);
    check_steps(goes_on, steps);
    check_response(&fetch, steps, goes_on);
    end_input();
    return 0;
}
