/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* What a browser asks for a page, and what it makes of the answers: the steps
 * word by word, a line each. `+` is yes, `x` no, `-` the rest. */
#include "cors_browser.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"

#define S10  "aaaaaaaaaa"
#define S100 S10 S10 S10 S10 S10 S10 S10 S10 S10 S10
#define S128 S100 S10 S10 "aaaaaaaa"

static apr_pool_t *pool;

/* The bytes, with nothing behind them; as long as the program. */
static cors_str_t lasting(const char *bytes, size_t n)
{
    static cors_str_t kept[4096];
    static size_t n_kept;

    return kept[n_kept++ % COUNT(kept)] = exact_n(bytes, n);
}

/* `Name: value` is a header, `Name` one of which only the name is known. */
static apr_array_header_t *sent_of(const char *lines)
{
    apr_array_header_t *sent = apr_array_make(pool, 1, sizeof(cors_sent_t));

    while (*lines) {
        const size_t n = strcspn(lines, "\n");
        const char *colon = memchr(lines, ':', n);
        cors_sent_t *header = apr_array_push(sent);

        header->value = cors_str(NULL);
        if (colon != NULL) {
            header->value = lasting(colon + 1,
                                    (size_t)(lines + n - colon - 1));
        }
        header->name = lasting(lines, colon ? (size_t)(colon - lines) : n);
        lines += n + (lines[n] == '\n');
    }
    return sent;
}

static const cors_fetch_t *fetch_of(const char *origin, const char *method,
                                    const char *sent)
{
    cors_fetch_t *fetch = apr_palloc(pool, sizeof(*fetch));

    fetch->origin = lasting(origin, strlen(origin));
    fetch->method = lasting(method, strlen(method));
    fetch->sent = sent_of(sent);
    return fetch;
}

/* All fields of that name among `Name: value` lines. */
static const char *received(const char *name, void *context)
{
    const char *lines = context;
    const char *joined = NULL;
    const size_t n = strlen(name);

    while (*lines) {
        const size_t length = strcspn(lines, "\n");

        if (strncmp(lines, name, n) == 0 && lines[n] == ':') {
            const char *value = apr_pstrmemdup(pool, lines + n + 2,
                                               length - n - 2);

            joined = joined == NULL ? value
                : apr_pstrcat(pool, joined, ", ", value, NULL);
        }
        lines += length + (lines[length] == '\n');
    }
    return joined;
}

static const char *told(const apr_array_header_t *steps)
{
    const cors_step_t *step = (const cors_step_t *)steps->elts;
    const char *text = "";
    int i;

    for (i = 0; i < steps->nelts; i++) {
        text = apr_psprintf(pool, "%s%c %s: %s\n", text,
                            "-x+"[step[i].ok + 1], step[i].step,
                            step[i].detail);
    }
    return text;
}

static apr_array_header_t *no_steps(void)
{
    return apr_array_make(pool, 1, sizeof(cors_step_t));
}

/* The steps; the browser goes on unless one is `x`, which is the last. */
static void is_told(int goes_on, const apr_array_header_t *steps,
                    const char *want, const char *what)
{
    const char *got = told(steps);
    const cors_step_t *step = (const cors_step_t *)steps->elts;
    const int is_last = step[steps->nelts - 1].ok == 0;

    is(cors_str(got), want, what, "steps");
    ok(goes_on == !is_last, "%s: the browser %s", what,
       is_last ? "stops" : "goes on");
}

/* --------------------------------------------------------- what is sent -- */

static void test_methods(void)
{
    static const struct {
        const char *method;
        const char *want;
    } rows[] = {
        { "GET", "GET" }, { "get", "GET" }, { "Head", "HEAD" },
        { "pOST", "POST" }, { "put", "PUT" }, { "delete", "DELETE" },
        { "options", "OPTIONS" }, { "patch", "patch" }, { "PATCH", "PATCH" },
        { "pUTs", "pUTs" }, { "trace", "trace" }, { "chicken", "chicken" },
        { "*", "*" }, { "", "" }, { "ge t", "ge t" }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const cors_str_t method = lasting(rows[i].method,
                                          strlen(rows[i].method));

        is(cors_str(cors_browser_method(pool, method)), rows[i].want,
           rows[i].method, "as it is sent");
    }
}

#define ACCEPTS(n) "accept:" n "\naccept:" n "\n"
#define S1024 \
    ACCEPTS(S128) ACCEPTS(S128) ACCEPTS(S128) ACCEPTS(S128)

static void test_names(void)
{
    static const struct {
        const char *what;
        const char *sent;
        const char *want;
    } rows[] = {
        { "nothing is sent", "", NULL },
        { "an unsafe name", "X-A:1", "x-a" },
        { "sorted, in lower case", "x-c:1\nX-B:1\nX-A:1", "x-a,x-b,x-c" },
        { "each once", "X-A:1\nx-b:1\nx-a:2\nX-B:2", "x-a,x-b" },
        { "the shorter first", "x-ab\nx-a\nx-", "x-,x-a,x-ab" },
        { "by bytes", "x_a\nx-a\nx~\nX0", "x-a,x0,x_a,x~" },
        { "safelisted names",
          "Accept:*/*\nAccept-Language:de\nContent-Language:de\n"
          "Content-Type:text/plain\nRange:bytes=0-", NULL },
        { "one of them twice", "Accept:a\nAccept:b(", "accept" },
        { "safelisted, values not known",
          "Accept\nAccept-Language\nContent-Language", NULL },
        { "not safelisted where the value is not known",
          "Content-Type\nRange", "content-type,range" },
        { "a type", "Content-Type:application/json", "content-type" },
        { "blanks around a value", "Content-Type: \t text/plain \t ", NULL },
        { "a long value", "Accept:" S128 "a", "accept" },
        { "a long value, but for blanks", "Accept:" S128 "  ", NULL },
        { "values of 1024 bytes", S1024, NULL },
        { "values of 1025 bytes", S1024 "Content-Language:a",
          "accept,content-language" },
        { "values of 1025 bytes, but for blanks",
          S1024 "Content-Language: ", NULL },
        { "unsafe values do not add up", S1024 "X-A:" S100, "x-a" },
        { "values not known do not add up", S1024 "Accept-Language", NULL },
        { "nor do forbidden ones", S1024 "Cookie:" S100 "\nDate:a", NULL },
        { "unsafe ones of both kinds", S1024 "Content-Language:a\nX-A:1",
          "accept,content-language,x-a" },
        { "forbidden names",
          "Cookie:a\nHost:a\nSec-A:a\nProxy-A:a\nORIGIN:a\nsec-\nDate", NULL },
        { "what only begins like one", "Cookies:a\nSec:a\nProxy:a",
          "cookies,proxy,sec" },
        { "overrides", "X-HTTP-Method-Override:PUT\nX-HTTP-Method:TRACES\n"
          "X-Method-Override", "x-http-method,x-http-method-override,"
          "x-method-override" },
        { "forbidden overrides", "X-HTTP-Method-Override:PUT, trace\n"
          "X-HTTP-Method:CONNECT\nX-Method-Override: TRACK ", NULL },
        { "what is no name", "X A:1\n:1\nX-\xc3\xa9:1", NULL },
        { "what is no value", "X-A:1\r2", NULL }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_fetch_t fetch = {
            CORS_STR("https://a.example"), CORS_STR("GET"), NULL
        };

        fetch.sent = sent_of(rows[i].sent);
        is(cors_str(cors_browser_unsafe_names(pool, fetch.sent)),
           rows[i].want, rows[i].what, "names");
        ok(cors_browser_preflights(pool, &fetch) == (rows[i].want != NULL),
           "%s: the browser %s", rows[i].what,
           rows[i].want ? "asks first" : "does not ask");
    }
}

static void test_preflights(void)
{
    static const struct {
        const char *method;
        const char *sent;
        int want;
    } rows[] = {
        { "GET", "", 0 }, { "get", "", 0 }, { "HEAD", "", 0 },
        { "POST", "", 0 }, { "post", "Accept:a", 0 }, { "PUT", "", 1 },
        { "put", "", 1 }, { "OPTIONS", "", 1 }, { "PATCH", "", 1 },
        { "*", "", 1 }, { "GET", "X-A:1", 1 }, { "POST", "Cookie:1", 0 },
        { "PUT", "X-A:1", 1 }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        ok(cors_browser_preflights(pool, fetch_of("https://a.example",
                                                  rows[i].method,
                                                  rows[i].sent))
           == rows[i].want, "%s %s: %s preflight", rows[i].method,
           rows[i].sent, rows[i].want ? "a" : "no");
    }
}

#define NO_PREFLIGHT \
    "+ request: no preflight: GET with safelisted headers only\n"
#define PREFLIGHT "+ request: a preflight comes first: "
#define UNSAFE    " is not safelisted"
#define NOT_SENT  ": the browser refuses to send it\n"
#define NO_PAGE   "- header: no page can set "
#define LEFT_OUT  ": the browser leaves it out\n"
#define ODD(origin) \
    "- request: browsers never send '" origin "' as an origin; " \
    "no preflight: GET with safelisted headers only\n"

static void test_request(void)
{
    static const struct {
        const char *origin;
        const char *method;
        const char *sent;
        const char *want;
    } rows[] = {
        { "https://a.example", "GET", "", NO_PREFLIGHT },
        { "https://a.example", "get", "Accept:a", NO_PREFLIGHT },
        { "null", "GET", "", NO_PREFLIGHT },
        { "https://a.example", "PUT", "",
          PREFLIGHT "PUT is not GET, HEAD or POST\n" },
        { "https://a.example", "put", "",
          PREFLIGHT "PUT is not GET, HEAD or POST\n" },
        { "https://a.example", "patch", "",
          PREFLIGHT "patch is not GET, HEAD or POST\n" },
        { "https://a.example", "GET", "X-A:1",
          PREFLIGHT "header x-a" UNSAFE "\n" },
        { "https://a.example", "GET", "X-B:1\nX-A:1",
          PREFLIGHT "header x-a" UNSAFE ", nor is one more\n" },
        { "https://a.example", "GET", "X-B:1\nX-A:1\nX-C:1",
          PREFLIGHT "header x-a" UNSAFE ", nor are 2 more\n" },
        { "https://a.example", "PUT", "X-A:1",
          PREFLIGHT "PUT is not GET, HEAD or POST; header x-a" UNSAFE "\n" },
        { "https://a.example", "GET", "Content-Type",
          PREFLIGHT "header content-type" UNSAFE " (its value is not known; "
          "application/json is not, text/plain is)\n" },
        { "https://a.example", "GET", "Range",
          PREFLIGHT "header range" UNSAFE " (its value is not known; one "
          "range with a start, such as 'bytes=0-499', is)\n" },
        { "https://a.example", "GET", "Content-Type: application/json;x=y",
          PREFLIGHT "header content-type" UNSAFE " ('application/json' is "
          "not, text/plain is)\n" },
        { "https://a.example", "GET", "Range: bytes=-5",
          PREFLIGHT "header range" UNSAFE " ('bytes=-5' is not; one range "
          "with a start, such as 'bytes=0-499', is)\n" },
        { "https://a.example", "GET", "Accept:" S128 "a",
          PREFLIGHT "header accept" UNSAFE " (its value has more than 128 "
          "bytes)\n" },
        { "https://a.example", "GET", "Accept:a{}",
          PREFLIGHT "header accept" UNSAFE " (the byte '{' is in its "
          "value)\n" },
        { "https://a.example", "GET", S1024 "Content-Language:a",
          PREFLIGHT "header accept" UNSAFE " (the safelisted values have "
          "more than 1024 bytes together), nor is one more\n" },

        { "https://a.example", "CONNECT", "X-A:1",
          "x request: CONNECT is a method that no page can use\n" },
        { "https://a.example", "Trace", "",
          "x request: Trace is a method that no page can use\n" },
        { "https://a.example", "TRACK", "",
          "x request: TRACK is a method that no page can use\n" },
        { "HTTPS://A", "TRACK", "",
          "x request: TRACK is a method that no page can use\n" },
        { "https://a.example", "GE T", "Cookie:a",
          "x request: 'GE T' is no method" NOT_SENT },
        { "https://a.example", "", "", "x request: '' is no method" NOT_SENT },

        { "https://a.example", "GET", "Cookie:a\nSEC-X", NO_PREFLIGHT
          NO_PAGE "Cookie" LEFT_OUT NO_PAGE "SEC-X" LEFT_OUT },
        { "https://a.example", "GET", "X-Method-Override: GET, TRACE ",
          NO_PREFLIGHT NO_PAGE "X-Method-Override to 'GET, TRACE'"
          LEFT_OUT },
        { "https://a.example", "GET", "X A:1\nCookie:a", NO_PREFLIGHT
          "x header: 'X A' is no header name" NOT_SENT },
        { "https://a.example", "GET", "Host:a\n:1", NO_PREFLIGHT
          NO_PAGE "Host" LEFT_OUT "x header: '' is no header name" NOT_SENT },
        { "https://a.example", "GET", "Accept:a\rb", NO_PREFLIGHT
          "x header: a line end or NUL is in the value of Accept" NOT_SENT },
        { "https://a.example", "GET", "Accept: a\r", NO_PREFLIGHT },

        { "https://a.example/", "GET", "", ODD("https://a.example/") },
        { "HTTPS://a.example", "GET", "", ODD("HTTPS://a.example") },
        { "https://a.example:443", "GET", "", ODD("https://a.example:443") },
        { "a.example", "GET", "", ODD("a.example") },
        { "*", "GET", "", ODD("*") },
        { "NULL", "GET", "", ODD("NULL") },
        { "", "GET", "", ODD("") },
        { "https://a https://b", "PUT", "Date:a",
          "- request: browsers never send 'https://a https://b' as an "
          "origin; a preflight comes first: PUT is not GET, HEAD or POST\n"
          NO_PAGE "Date" LEFT_OUT }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const int goes_on = cors_browser_judge_request(
            pool, fetch_of(rows[i].origin, rows[i].method, rows[i].sent),
            steps);

        is_told(goes_on, steps, rows[i].want,
                apr_pstrcat(pool, rows[i].origin, " ", rows[i].method,
                            NULL));
    }
}

/* ---------------------------------------------------- CORS check, alone -- */

#define ACAO "Access-Control-Allow-Origin"
#define ACAC "Access-Control-Allow-Credentials"
#define ACAM "Access-Control-Allow-Methods"
#define ACAH "Access-Control-Allow-Headers"
#define ACEH "Access-Control-Expose-Headers"
#define ACMA "Access-Control-Max-Age"
#define NOT_A ", not 'https://a.example'"
#define STAR_ORIGIN ACAO " is '*', any origin"
#define PAGE_ORIGIN(origin) ACAO " is '" origin "', the page's origin"

static void test_origin(void)
{
    static const struct {
        const char *origin;
        const char *answer;
        const char *want;
    } rows[] = {
        { "https://a.example", "",
          "x there is no " ACAO ", which must be 'https://a.example' or "
          "'*'\n" },
        { "https://a.example", ACAO ": *", "+ " STAR_ORIGIN "\n" },
        { "https://a.example", ACAO ": https://a.example",
          "+ " PAGE_ORIGIN("https://a.example") "\n" },
        { "https://a.example", ACAO ":  \t https://a.example \t",
          "+ " PAGE_ORIGIN("https://a.example") "\n" },
        { "https://a.example", ACAO ": * ", "+ " STAR_ORIGIN "\n" },
        { "https://a.example", ACAO ": https://b.example",
          "x " ACAO " is 'https://b.example'" NOT_A "\n" },
        { "https://a.example", ACAO ": https://a.exampl",
          "x " ACAO " is 'https://a.exampl'" NOT_A "\n" },
        { "https://a.example", ACAO ": https://a.examples",
          "x " ACAO " is 'https://a.examples'" NOT_A "\n" },
        { "https://a.example", ACAO ": null",
          "x " ACAO " is 'null'" NOT_A "\n" },
        { "https://a.example", ACAO ": ", "x " ACAO " is ''" NOT_A "\n" },
        { "https://a.example", ACAO ": https://A.example",
          "x " ACAO " is 'https://A.example'" NOT_A ": letter case "
          "matters\n" },
        { "https://a.example", ACAO ": https://a.example/",
          "x " ACAO " is 'https://a.example/'" NOT_A ": no path may stand "
          "behind it\n" },
        { "https://a.example", ACAO ": https://a.example/app/",
          "x " ACAO " is 'https://a.example/app/'" NOT_A ": no path may "
          "stand behind it\n" },
        { "https://a.example", ACAO ": https://a.example.com/",
          "x " ACAO " is 'https://a.example.com/'" NOT_A "\n" },
        { "https://a.example", ACAO ": https://b.example/",
          "x " ACAO " is 'https://b.example/'" NOT_A "\n" },
        { "https://a.example", ACAO ": https://*.example",
          "x " ACAO " is 'https://*.example'" NOT_A ": browsers know no "
          "patterns\n" },
        { "https://a.example", ACAO ": *\n" ACAO ": *",
          "x " ACAO " is '*, *'" NOT_A ": several values, where one may "
          "stand\n" },
        { "https://a.example",
          ACAO ": https://a.example\n" ACAO ": https://a.example",
          "x " ACAO " is 'https://a.example, https://a.example'" NOT_A
          ": several values, where one may stand\n" },
        { "https://a.example", ACAO ": https://a.example https://b.example",
          "x " ACAO " is 'https://a.example https://b.example'" NOT_A
          ": several values, where one may stand\n" },
        { "null", ACAO ": null", "+ " PAGE_ORIGIN("null") "\n" },
        { "null", ACAO ": NULL",
          "x " ACAO " is 'NULL', not 'null': letter case matters\n" },
        { "null", ACAO ": *", "+ " STAR_ORIGIN "\n" },
        { "null", ACAO ": https://a.example",
          "x " ACAO " is 'https://a.example', not 'null'\n" },
        { "odd, origin", ACAO ": odd, origin",
          "+ " PAGE_ORIGIN("odd, origin") "\n" },
        { "", ACAO ": https://a.example",
          "x " ACAO " is 'https://a.example', not ''\n" }
    };
    const cors_fetch_t *fetch;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const char *want = apr_psprintf(pool, "%c origin: %s", *rows[i].want,
                                        rows[i].want + 2);
        const char *line;
        int goes_on;

        fetch = fetch_of(rows[i].origin, "GET", "");
        goes_on = cors_browser_judge_response(pool, fetch, received,
                                              (void *)rows[i].answer, steps);
        line = told(steps);
        is(cors_str_sub(cors_str(line), 0, strcspn(line, "\n") + 1), want,
           rows[i].answer, "the response's origin");
        ok(goes_on == (*rows[i].want == '+')
           && (steps->nelts == 1) == (*rows[i].want == 'x'),
           "'%s': ends there or not", rows[i].answer);

        steps = no_steps();
        want = apr_psprintf(pool, "%c preflight origin: %s", *rows[i].want,
                            rows[i].want + 2);
        goes_on = cors_browser_judge_preflight(pool, fetch, 200, received,
                                               (void *)rows[i].answer,
                                               steps);
        line = told(steps);
        is(cors_str_sub(cors_str(line), 0, strcspn(line, "\n") + 1), want,
           rows[i].answer, "the preflight's origin");
        ok(goes_on == (*rows[i].want == '+')
           && (steps->nelts == 1) == (*rows[i].want == 'x'),
           "'%s': a preflight ends there or not", rows[i].answer);
    }
}

/* ------------------------------------------------------------ preflight -- */

static void test_status(void)
{
    static const struct {
        int status;
        int ok;
        const char *want;
    } rows[] = {
        { 200, 1, "200 is an ok status (200 to 299)" },
        { 204, 1, "204 is an ok status (200 to 299)" },
        { 299, 1, "299 is an ok status (200 to 299)" },
        { 199, 0, "199: a preflight needs a status from 200 to 299" },
        { 300, 0, "300: a preflight needs a status from 200 to 299" },
        { 304, 0, "304: a preflight needs a status from 200 to 299" },
        { 301, 0, "301: a preflight must not be redirected" },
        { 302, 0, "302: a preflight must not be redirected" },
        { 303, 0, "303: a preflight must not be redirected" },
        { 307, 0, "307: a preflight must not be redirected" },
        { 308, 0, "308: a preflight must not be redirected" },
        { 401, 0, "401: a preflight carries no credentials and must not need "
          "any" },
        { 407, 0, "407: a preflight carries no credentials and must not need "
          "any" },
        { 403, 0, "403: a preflight must not be refused" },
        { 404, 0, "404: a preflight must be answered, which is an OPTIONS "
          "request" },
        { 405, 0, "405: a preflight must be answered, which is an OPTIONS "
          "request" },
        { 501, 0, "501: a preflight must be answered, which is an OPTIONS "
          "request" },
        { 500, 0, "500: a preflight needs a status from 200 to 299" },
        { -1, 0, "-1: a preflight needs a status from 200 to 299" },
        { 0, -1, "the status is not known; it must be from 200 to 299" }
    };
    const cors_fetch_t *fetch = fetch_of("https://a.example", "GET", "");
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const cors_step_t *step;
        const int goes_on = cors_browser_judge_preflight(
            pool, fetch, rows[i].status, received, (void *)(ACAO ": *"),
            steps);

        step = &APR_ARRAY_IDX(steps, 1, cors_step_t);
        ok(goes_on == (rows[i].ok != 0) && step->ok == rows[i].ok
           && steps->nelts == (rows[i].ok ? 4 : 2)
           && strcmp(step->step, "preflight status") == 0,
           "status %d: whether it goes on", rows[i].status);
        is(cors_str(step->detail), rows[i].want, "a status", "what it tells");
    }
}

#define PASSED \
    "+ preflight origin: " STAR_ORIGIN "\n" \
    "+ preflight status: 204 is an ok status (200 to 299)\n"
#define NEED_NO  "+ method: GET, HEAD and POST need no permission\n"
#define NO_AGE   "+ max age: there is no " ACMA ": browsers keep the answer " \
                 "for 5 s\n"
#define NO_COOKIES ", but not with cookies\n"

static void test_preflight(void)
{
    static const struct {
        const char *method;
        const char *sent;
        const char *answer;     /* beside ACAO: * */
        const char *want;       /* behind the status */
    } rows[] = {
        /* The method. */
        { "PUT", "", ACAM ": GET, HEAD, POST, PUT",
          "+ method: PUT is in 'GET, HEAD, POST, PUT'\n" NO_AGE },
        { "put", "", ACAM ": PUT", "+ method: PUT is in 'PUT'\n" NO_AGE },
        { "PUT", "", ACAM ": ,, PUT ,", "+ method: PUT is in ',, PUT ,'\n"
          NO_AGE },
        { "PUT", "", ACAM ": DELETE\n" ACAM ": PUT",
          "+ method: PUT is in 'DELETE, PUT'\n" NO_AGE },
        { "PUT", "", ACAM ": *", "+ method: '*' allows it" NO_COOKIES NO_AGE },
        { "PUT", "", ACAM ": GET, *",
          "+ method: '*' allows it" NO_COOKIES NO_AGE },
        { "*", "", ACAM ": *", "+ method: * is in '*'\n" NO_AGE },
        { "*", "", ACAM ": PUT", "x method: * is not in " ACAM " ('PUT')\n" },
        { "patch", "", ACAM ": patch",
          "+ method: patch is in 'patch'\n" NO_AGE },
        { "patch", "", ACAM ": PATCH", "x method: patch is not in "
          ACAM " ('PATCH'): "
          "methods are case-sensitive\n" },
        { "patch", "", ACAM ": *",
          "+ method: '*' allows it" NO_COOKIES NO_AGE },
        { "PUT", "", ACAM ": put",
          "x method: PUT is not in "
          ACAM " ('put'): methods are case-sensitive\n" },
        { "PUT", "", ACAM ": PUTS, XPUT",
          "x method: PUT is not in " ACAM " ('PUTS, XPUT')\n" },
        { "PUT", "", ACAM ": ", "x method: PUT is not in " ACAM " ('')\n" },
        { "PUT", "", "", "x method: there is no " ACAM ", which must name "
          "PUT\n" },
        { "GET", "", "", NEED_NO NO_AGE },
        { "HEAD", "", ACAM ": PUT", NEED_NO NO_AGE },
        { "post", "", ACAM ": ", NEED_NO NO_AGE },
        { "GET", "", ACAM ": GET", "+ method: GET is in 'GET'\n" NO_AGE },
        { "GET", "", ACAM ": get, *", NEED_NO NO_AGE },
        { "PUT", "", ACAM ": GET PUT", "x method: " ACAM " ('GET PUT') does "
          "not parse: 'GET PUT' is no method\n" },
        { "PUT", "", ACAM ": PUT, a/b", "x method: " ACAM " ('PUT, a/b') does "
          "not parse: 'a/b' is no method\n" },
        { "GET", "", ACAM ": \"GET\"", "x method: " ACAM " ('\"GET\"') does "
          "not parse: '\"GET\"' is no method\n" },
        { "PUT", "", ACAM ": *, :", "x method: " ACAM " ('*, :') does not "
          "parse: ':' is no method\n" },

        /* The headers. */
        { "GET", "X-A:1", ACAH ": X-A", NEED_NO
          "+ header: x-a is in 'X-A'\n" NO_AGE },
        { "GET", "X-A:1\nX-B:1", ACAH ": x-B\n" ACAH ": x-A", NEED_NO
          "+ header: x-a is in 'x-B, x-A'\n+ header: x-b is in 'x-B, x-A'\n"
          NO_AGE },
        { "GET", "X-A:1\nX-B:1", ACAH ": X-B", NEED_NO
          "x header: x-a is not in " ACAH " ('X-B')\n" },
        { "GET", "X-A:1\nX-B:1", ACAH ": X-A", NEED_NO
          "+ header: x-a is in 'X-A'\nx header: x-b is not in "
          ACAH " ('X-A')\n" },
        { "GET", "X-A:1", ACAH ": X-AB, X", NEED_NO
          "x header: x-a is not in " ACAH " ('X-AB, X')\n" },
        { "GET", "X-A:1", ACAH ": ", NEED_NO
          "x header: x-a is not in " ACAH " ('')\n" },
        { "GET", "X-A:1", "", NEED_NO
          "x header: there is no " ACAH ", which must name x-a\n" },
        { "GET", "X-A:1", ACAH ": *", NEED_NO
          "+ header: '*' allows x-a" NO_COOKIES NO_AGE },
        { "GET", "*:1", ACAH ": *", NEED_NO
          "+ header: * is in '*'\n" NO_AGE },
        { "GET", "authoriZation:a", ACAH ": *", NEED_NO
          "x header: '*' does not cover authorization, which must be named "
          "(some browsers let it pass)\n" },
        { "GET", "Authorization:a\nX-A:1", ACAH ": *, AUTHORIZATION", NEED_NO
          "+ header: authorization is in '*, AUTHORIZATION'\n"
          "+ header: '*' allows x-a" NO_COOKIES NO_AGE },
        { "GET", "Authorization:a", ACAH ": X-A", NEED_NO
          "x header: authorization is not in " ACAH " ('X-A')\n" },
        { "GET", "Authorization:a", "", NEED_NO
          "x header: there is no " ACAH ", which must name authorization\n" },
        { "GET", "X-A:1", ACAH ": X-A, X B", NEED_NO
          "x header: " ACAH " ('X-A, X B') does not parse: 'X B' is no header "
          "name\n" },
        { "PUT", "", ACAM ": PUT\n" ACAH ": a;b",
          "+ method: PUT is in 'PUT'\n"
          "x header: " ACAH " ('a;b') does not parse: 'a;b' is no header "
          "name\n" },
        { "GET", "Content-Type:application/json", ACAH ": Content-Type",
          NEED_NO "+ header: content-type is in 'Content-Type'\n" NO_AGE },
        { "GET", "Content-Type:text/plain\nCookie:a\nX-A:1", ACAH ": x-a",
          NEED_NO "+ header: x-a is in 'x-a'\n" NO_AGE },
        { "PUT", "X-A:1", ACAM ": DELETE", "x method: PUT is not in "
          ACAM " ('DELETE')\n" },

        /* Credentials are of no interest yet. */
        { "PUT", "X-A:1", ACAM ": *\n" ACAH ": *\n" ACAC ": true",
          "+ method: '*' allows it" NO_COOKIES
          "+ header: '*' allows x-a" NO_COOKIES NO_AGE }
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const char *answer = apr_pstrcat(pool, ACAO ": *\n", rows[i].answer,
                                         NULL);
        const int goes_on = cors_browser_judge_preflight(
            pool, fetch_of("https://a.example", rows[i].method,
                           rows[i].sent),
            204, received, (void *)answer, steps);

        is_told(goes_on, steps, apr_pstrcat(pool, PASSED, rows[i].want, NULL),
                apr_psprintf(pool, "%s, '%s'", rows[i].method,
                             rows[i].answer));
    }
}

static void test_stops(void)
{
    const cors_fetch_t *fetch = fetch_of("https://a.example", "PUT", "");
    apr_array_header_t *steps = no_steps();
    int goes_on = cors_browser_judge_preflight(pool, fetch, 500, received,
                                               (void *)"", steps);

    is_told(goes_on, steps, "x preflight origin: there is no " ACAO ", which "
            "must be 'https://a.example' or '*'\n",
            "no origin, and no ok status");
    steps = no_steps();
    goes_on = cors_browser_judge_preflight(pool, fetch, 500, received,
                                           (void *)(ACAO ": *\n"), steps);
    is_told(goes_on, steps, "+ preflight origin: " STAR_ORIGIN "\n"
            "x preflight status: 500: a preflight needs a status from 200 to "
            "299\n", "no ok status, and no method");
}

#define KEEP(seconds) "+ browsers keep the answer for " seconds " s"
#define NUMBERLESS(value) \
    "- " ACMA " is '" value "', which is no number of seconds: browsers " \
    "keep the answer for 5 s"
#define CUT(value) \
    "- " ACMA " is '" value "', which is cut: Safari keeps the answer for " \
    "600 s"

static void test_age(void)
{
    static const struct {
        const char *value;
        const char *want;
    } rows[] = {
        { "0", "+ browsers do not keep the answer" },
        { "000", "+ browsers do not keep the answer" },
        { "1", KEEP("1") }, { "5", KEEP("5") }, { "600", KEEP("600") },
        { " 600 ", KEEP("600") }, { "0000000000000000600", KEEP("600") },
        { "601", CUT("601") }, { "7200", CUT("7200") },
        { "7201", CUT("7201") ", Chromium for 7200 s" },
        { "86400", CUT("86400") ", Chromium for 7200 s" },
        { "86401", CUT("86401") ", Chromium for 7200 s, Firefox for "
          "86400 s" },
        { "99999999999999999999999999999999",
          CUT("99999999999999999999999999999999")
          ", Chromium for 7200 s, Firefox for 86400 s" },
        { "4294967296", CUT("4294967296")
          ", Chromium for 7200 s, Firefox for 86400 s" },
        { "-1", NUMBERLESS("-1") }, { "+1", NUMBERLESS("+1") },
        { "1.5", NUMBERLESS("1.5") }, { "", NUMBERLESS("") },
        { "off", NUMBERLESS("off") }, { "60 0", NUMBERLESS("60 0") },
        { "0x10", NUMBERLESS("0x10") },
        { "99999999999x", NUMBERLESS("99999999999x") },
        { "600\n" ACMA ": 600", NUMBERLESS("600, 600") }
    };
    const cors_fetch_t *fetch = fetch_of("https://a.example", "GET", "");
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const char *answer = apr_pstrcat(pool, ACAO ": *\n" ACMA ": ",
                                         rows[i].value, NULL);
        const char *want = apr_psprintf(pool, PASSED NEED_NO "%c max age: "
                                        "%s\n", *rows[i].want,
                                        rows[i].want + 2);
        const int goes_on = cors_browser_judge_preflight(
            pool, fetch, 204, received, (void *)answer, steps);

        is_told(goes_on, steps, want, rows[i].value);
    }
}

/* ------------------------------------------------------------- response -- */

#define ALLOWED "+ origin: " PAGE_ORIGIN("https://a.example") "\n"
#define WITHOUT "- credentials: without cookies only: "
#define NONE    WITHOUT "there is no " ACAC ", which must be 'true'\n"
#define WITH    "+ credentials: also with cookies: " ACAC " is 'true'\n"
#define HIDDEN  "- exposed headers: only the safelisted ones: "
#define NO_ACEH HIDDEN "there is no " ACEH "\n"

static void test_response(void)
{
    static const struct {
        const char *origin;     /* ACAO */
        const char *answer;
        const char *want;
    } rows[] = {
        { "https://a.example", "", ALLOWED NONE NO_ACEH },
        { "https://a.example", ACAC ": true", ALLOWED WITH NO_ACEH },
        { "https://a.example", ACAC ": \ttrue ", ALLOWED WITH NO_ACEH },
        { "https://a.example", ACAC ": True",
          ALLOWED WITHOUT ACAC " is 'True', not 'true'\n" NO_ACEH },
        { "https://a.example", ACAC ": false",
          ALLOWED WITHOUT ACAC " is 'false', not 'true'\n" NO_ACEH },
        { "https://a.example", ACAC ": ",
          ALLOWED WITHOUT ACAC " is '', not 'true'\n" NO_ACEH },
        { "https://a.example", ACAC ": true\n" ACAC ": true",
          ALLOWED WITHOUT ACAC " is 'true, true', not 'true'\n" NO_ACEH },
        { "*", ACAC ": true", "+ origin: " STAR_ORIGIN "\n"
          WITHOUT ACAO " is '*'" NOT_A "\n" NO_ACEH },
        { "*", "", "+ origin: " STAR_ORIGIN "\n"
          WITHOUT ACAO " is '*'" NOT_A "\n" NO_ACEH },
        { "https://b.example", ACAC ": true\n" ACEH ": X-A",
          "x origin: " ACAO " is 'https://b.example'" NOT_A "\n" },

        { "https://a.example", ACEH ": X-A", ALLOWED NONE
          "+ exposed headers: 'X-A', beside the safelisted ones\n" },
        { "https://a.example", ACEH ": Content-Type\n" ACEH ": ETag",
          ALLOWED NONE "+ exposed headers: 'Content-Type, ETag', beside the "
          "safelisted ones\n" },
        { "https://a.example", ACEH ": content-type, Set-Cookie",
          ALLOWED NONE HIDDEN "'content-type, Set-Cookie' adds none\n" },
        { "https://a.example", ACEH ": ",
          ALLOWED NONE HIDDEN "'' adds none\n" },
        { "https://a.example", ACEH ": X-A, X B",
          ALLOWED NONE HIDDEN "the list 'X-A, X B' does not parse: 'X B' is "
          "no header name\n" },
        { "https://a.example", ACEH ": *\n" ACAC ": true", ALLOWED WITH
          "+ exposed headers: '*' exposes all of them" NO_COOKIES },
        { "https://a.example", ACEH ": X-A, *", ALLOWED NONE
          "+ exposed headers: '*' exposes all of them" NO_COOKIES }
    };
    const cors_fetch_t *fetch = fetch_of("https://a.example", "PUT", "X-A:1");
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        const char *answer = apr_pstrcat(pool, ACAO ": ", rows[i].origin,
                                         "\n", rows[i].answer, NULL);
        const int goes_on = cors_browser_judge_response(
            pool, fetch, received, (void *)answer, steps);

        is_told(goes_on, steps, rows[i].want, answer);
    }
}

/* ------------------------------------------------------------ any bytes -- */

static void test_bounds(void)
{
    static const struct {
        const char *what;
        const char *origin;
        size_t n;
        const char *shown;
    } rows[] = {
        { "100 bytes", S100, 100, S100 },
        { "101 bytes", S100 "b", 101, S100 "..." },
        { "many", S100 S100 S100, 300, S100 "..." },
        { "a NUL", "a\0b", 3, "a?b" },
        { "any others", "\x01\r\n'\"<\xff", 7, "\x01\r\n'\"<\xff" },
        { "a character of two bytes at the end",
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaaaa\xc3\xa9" "a", 102,
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaaaa..." },
        { "a character of four bytes at the end",
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaa\xf0\x9f\x98\x80", 101,
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaa..." },
        { "a character that ends there",
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaaa\xc3\xa9" "a", 101,
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaaaa\xc3\xa9..." },
        { "what is no character",
          S10 S10 S10 S10 S10 S10 S10 S10 S10
          "aaaaaa\x80\x80\x80\x80\x80\x80", 102,
          S10 S10 S10 S10 S10 S10 S10 S10 S10 "aaaaaa\x80..." },
        { "a format", "%s%n", 4, "%s%n" }
    };
    cors_fetch_t fetch = { { NULL, 0 }, CORS_STR("GET"), NULL };
    size_t i;

    fetch.sent = sent_of("");
    for (i = 0; i < COUNT(rows); i++) {
        apr_array_header_t *steps = no_steps();
        int goes_on;

        fetch.origin = lasting(rows[i].origin, rows[i].n);
        goes_on = cors_browser_judge_request(pool, &fetch, steps);
        is_told(goes_on, steps, apr_psprintf(pool, "- request: browsers never "
                "send '%s' as an origin; no preflight: GET with safelisted "
                "headers only\n", rows[i].shown), rows[i].what);
    }
}

/* Long texts everywhere, as many headers as can be. */
static void test_many(void)
{
    static const char first[] = S128 "-0," S128 "-1," S128 "-10,";
    const char *lines = "";
    const cors_step_t *step;
    const cors_fetch_t *fetch;
    apr_array_header_t *steps = no_steps();
    size_t longest = 0;
    int i;

    for (i = 0; i < 100; i++) {
        lines = apr_psprintf(pool, "%s" S128 "-%d:1\n", lines, i);
    }
    fetch = fetch_of(S128 S128 S128, S128 S128, lines);
    ok(cors_browser_judge_request(pool, fetch, steps), "long texts are sent");
    ok(cors_browser_judge_preflight(
           pool, fetch, 200, received,
           (void *)apr_pstrcat(pool, ACAO ": *\n" ACAM ": *\n" ACAH ": *\n"
                               ACMA ": ", S128, NULL), steps),
       "and allowed");
    ok(!cors_browser_judge_response(
           pool, fetch, received,
           (void *)apr_pstrcat(pool, ACAO ": ", S128, S128, NULL), steps),
       "long texts may differ");
    for (i = 0; i < steps->nelts; i++) {
        step = &APR_ARRAY_IDX(steps, i, cors_step_t);
        if (strlen(step->detail) > longest) {
            longest = strlen(step->detail);
        }
    }
    ok(steps->nelts == 1 + 4 + 100 + 1, "100 headers have a step each");
    ok(longest < 512, "no detail is long: %d bytes", (int)longest);
    ok(strncmp(cors_browser_unsafe_names(pool, fetch->sent), first,
               sizeof(first) - 1) == 0, "100 names are sorted");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_methods();
    test_names();
    test_preflights();
    test_request();
    test_origin();
    test_status();
    test_preflight();
    test_stops();
    test_age();
    test_response();
    test_bounds();
    test_many();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
