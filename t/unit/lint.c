/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "compiled.h"
#include "random.h"
#include "suffixes.h"
#include "tap.h"

static const char *const verdicts[] = { "good", "loose", "dead", "slow" };

/* Trials stand for LOOSE; the other verdicts are these, with the same over an
 * insecure network where that is accepted. */
#define GOOD     "good"
#define DEAD     "dead"
#define SLOW     "slow"
#define INSECURE "good, insecure"

static const struct {
    const char *regex;
    const char *want;
} rows[] = {
    /* Hosts that are written out. */
    { "https://example\\.com", GOOD },
    { "^https://example\\.com$", GOOD },
    { "^https://example\\.com", GOOD },
    { "https://example\\.com$", GOOD },
    { "\\Ahttps://example\\.com\\z", GOOD },
    { "\\bhttps://example\\.com\\b", GOOD },
    { "https:\\/\\/example\\.com", GOOD },
    { "https://example[.]com", GOOD },
    { "https://example\\x2ecom", GOOD },
    { "https://example\\x{2e}com", GOOD },
    { "https://example\\056com", GOOD },
    { "https://example\\o{56}com", GOOD },
    { "\\Qhttps://example.com\\E", GOOD },
    { "https://[\\Qe\\E]xample[\\Q.\\E]com", GOOD },
    { "http://example\\.com", INSECURE },
    { "https?://example\\.com", INSECURE },
    { "http(s)?://example\\.com", INSECURE },
    { "http(|s)://example\\.com", INSECURE },
    { "http{1}s{0,1}://example\\.com", INSECURE },
    { "http[s]://example\\.com", GOOD },
    { "(https|http)://example\\.com", INSECURE },
    { "[a-z]+://example\\.com", INSECURE },
    { "[^/]+//example\\.com", INSECURE },
    { "https:..example\\.com", GOOD },
    { "https://example\\.com:8443", GOOD },
    { "https://example\\.com(:\\d+)?", GOOD },
    { "https://example\\.com(:[0-9]*)?", GOOD },
    { "https://example\\.com:\\d{5}", GOOD },
    { "https://example\\.com:(?:[1-9]\\d{3})", GOOD },
    { "https://example\\.com(:443|:8443)?", GOOD },
    { "https://example\\.com(:443)?(/.*)?", GOOD },
    { "https://(foo|bar)\\.com", GOOD },
    { "https://(foo|bar|)example\\.com", GOOD },
    { "https://[ab]\\.com", GOOD },
    { "https://example[12]\\.com", GOOD },
    { "https://(www\\.)?example\\.(com|org|co\\.uk)", GOOD },
    { "https://a\\.example|https://b\\.example", GOOD },
    { "^https://a\\.example$|^https://b\\.example$", GOOD },
    { "https://(?:(?:(?:a)|b)|c)\\.example", GOOD },
    { "(?i)HTTPS://EXAMPLE\\.COM", GOOD },
    { "(?i:HTTPS)://example\\.com", GOOD },
    { "https://(?i)Exa(?-i)mple\\.com", GOOD },
    { "(?i)https://[A-Z]+\\.example\\.com", GOOD },
    { "https://((?i)E)xample\\.com", GOOD },
    { "(?x) https:// example \\. com", GOOD },
    { "(?x) https:// # the ( scheme\n example \\. com", GOOD },
    { "(?x: https:// [ e ] xample \\. com )", GOOD },
    { "(?xx) https:// [ e ] xample \\. co m", GOOD },
    { "https://(?#the ( host)example\\.com", GOOD },
    { "https://(?|a|b)\\.example", GOOD },
    { "https://(?>example)\\.com", GOOD },
    { "https://(*atomic:example)\\.com", GOOD },
    { "https://(?<host>example)\\.com", GOOD },
    { "https://(?P<host>example)\\.com", GOOD },
    { "https://(?'host'example)\\.com", GOOD },
    { "https://example\\.com(*ACCEPT)", GOOD },
    { "https://example\\.com(?:(*ACCEPT)|evil)", GOOD },
    { "https://(*COMMIT)example\\.com", GOOD },
    { "https://e(?=xample)xample\\.com", GOOD },
    { "https://example(?<!evil)\\.com(?!\\.)", GOOD },
    { "https://(?!evil|bad)example\\.com", GOOD },
    { "https://(*pla:example)example\\.com", GOOD },
    { "https://xn--bcher-kva\\.example", GOOD },
    { "https://example\\.com\\.?", GOOD },
    { "capacitor://localhost", GOOD },
    { "http://\\[::1\\](:\\d+)?", GOOD },
    { "https://\\[2001:db8::1\\]", GOOD },
    { "https://192\\.0\\.2\\.1", GOOD },
    /* Names under one site. */
    { "https://.*\\.example\\.com", GOOD },
    { "https://.+\\.example\\.com", GOOD },
    { "https://.+?\\.example\\.com", GOOD },
    { "https://(.*\\.)?example\\.com", GOOD },
    { "https://(?:.+\\.)?example\\.com", GOOD },
    { "https://(?:[a-z0-9-]+\\.)?example\\.com", GOOD },
    { "https://[a-z0-9-]+\\.example\\.com", GOOD },
    { "https://[a-z0-9-]++\\.example\\.com", GOOD },
    { "https://[[:alnum:]-]+\\.example\\.com", GOOD },
    { "https://[[:^space:]]+\\.example\\.com", GOOD },
    { "https://[a-z.\\d-]+\\.example\\.com", GOOD },
    { "https://[^.]+\\.example\\.com", GOOD },
    { "https://[^]/]+\\.example\\.com", GOOD },
    { "https://[\\w-]+\\.example\\.com", GOOD },
    { "https://\\w{1,20}\\.example\\.com", GOOD },
    { "https://\\w{63}\\.example\\.com", GOOD },
    { "https://.{100}\\.example\\.com", GOOD },
    { "https://\\p{Ll}+\\.example\\.com", GOOD },
    { "https://([\\w-]+\\.)*example\\.com", GOOD },
    { "https://([a-z]+\\.){2}example\\.com", GOOD },
    { "https://(([a-z]+\\.)+)example\\.com", GOOD },
    { "https://pr-[0-9]+\\.example\\.com", GOOD },
    { "https://[0-9a-f]{8}\\.example\\.com", GOOD },
    { "https://a.b\\.example\\.com", GOOD },
    { "https://[a-z]+\\.a\\.example|https://[a-z]+\\.b\\.example", GOOD },
    { "https://(?<n>[a-z]++)\\.example\\.com", GOOD },
    { "(?=https)https://[a-z]+\\.example\\.com", GOOD },
    { "https://[a-z]+\\.example\\.com\\.?", GOOD },
    { "https?://(.+\\.)?example\\.(com|org)(:\\d+)?", INSECURE },
    { ".*\\.example\\.com", INSECURE },
    { ".*://example\\.com", INSECURE },
    { "https://[a-z]+\\.mine\\.netlify\\.app", GOOD },
    /* Loopback. */
    { "http://localhost:\\d+", GOOD },
    { "http://localhost(:[0-9]+)?", GOOD },
    { "https?://127\\.0\\.0\\.1(:\\d+)?", GOOD },
    { "http://127\\.\\d+\\.\\d+\\.\\d+", GOOD },
    { "http://([a-z]+\\.)?localhost:\\d+", GOOD },
    { "http://(localhost|127\\.0\\.0\\.1|\\[::1\\]):\\d+", GOOD },
    { "http://localhost.*", "suffix" },
    { "http://127.0.0.1", "unescaped dot" },
    /* Loose ones, by trial. */
    { ".*", "any host" },
    { ".+", "any host" },
    { "(.*)", "any host" },
    { ".*?", "any host" },
    { "(?s:.)*", "any host" },
    { "[^ ]+", "any host" },
    { "\\S+", "any host" },
    { "https?://.*", "any host" },
    { "https://.+", "any host" },
    { "https://[^/]+", "any host" },
    { "https://[^/]+(:\\d+)?", "any host" },
    { "https://[a-z]+", "any host" },
    { "https://[a-z.]+:8443", "any host" },
    { "https://[a-z]+\\.[a-z]+", "any host" },
    { "https://(a|[^/]+)", "any host" },
    { "https://(e|v|i|l|x|a|m|p|\\.)+", "any host" },
    { "https://(?!.*evil).*", "any host" },
    { "https://(?:\\d{1,3}\\.){3}\\d{1,3}", "any host" },
    { "https://example\\.com|.*", "any host" },
    { "https://example\\.com|", GOOD },
    { "(?(?=https)https://.*|x)", "any host" },
    { "capacitor://.*", "any host" },
    { "chrome-extension://[a-p]{32}", "any host" },
    { "https://.*example\\.com", "prefix" },
    { "https://.+example\\.com", "prefix" },
    { ".*example\\.com", "prefix" },
    { "https://[a-z-]*example\\.com", "prefix" },
    { "https://[^.]*example\\.com", "prefix" },
    { "https://(www|.*)example\\.com", "prefix" },
    { "https://([\\w-]+\\.?)?example\\.com", "prefix" },
    { "https://\\w*\\.?example\\.com", "prefix" },
    { "^https://.*\\.?example\\.com", "prefix" },
    { "https://([a-z]+-)?example\\.com", "prefix" },
    { "https://[a-z]+--mine\\.netlify\\.app", "prefix" },
    { "https://example\\.com.*", "suffix" },
    { "^https://example\\.com.*$", "suffix" },
    { "https://example\\.com.+", "suffix" },
    { "https://example\\.com[^/]*", "suffix" },
    { "https://example\\.com(.*)?", "suffix" },
    { "https://example\\.com:?.*", "suffix" },
    { "https://example.*", "suffix" },
    { "https://example\\.com(|\\.[a-z.]+)", "top-level domain" },
    { "https://example\\.[a-z]+", "top-level domain" },
    { "https://example\\..*", "top-level domain" },
    { "https://example\\.[a-z]{2,3}", "top-level domain" },
    { "https://example\\.\\w\\w", "open label" },
    { "https://www.example\\.com", "unescaped dot" },
    { "https://example.com", "unescaped dot" },
    { "https?://(www.)?example.com", "unescaped dot" },
    { "(?i)https://www.example\\.com", "unescaped dot" },
    { "https://a.b.example\\.com", "unescaped dot" },
    { "https://.example\\.com", "unescaped dot" },
    { "https://www.?example\\.com", "unescaped dot" },
    { "https://(a\\.example\\.com|b.example\\.com)", "unescaped dot" },
    { "https://(a|(b|(c|d.e))?)\\.com", "unescaped dot" },
    { "https://www\\Nexample\\.com", "unescaped dot" },
    { "(?x) https:// www . example \\. com", "unescaped dot" },
    { "https://pr-[0-9]+\\.netlify\\.app", "public suffix" },
    { "https://pr-[0-9a-f]{8}\\.netlify\\.app", "public suffix" },
    { "https://.*\\.netlify\\.app", "public suffix" },
    { "https://[a-z0-9-]+\\.github\\.io", "public suffix" },
    { "https://.*\\.co\\.uk", "public suffix" },
    { "https://[a-z]+\\.com", "public suffix" },
    { "https://.*\\.com", "public suffix" },
    { "https://(a|[a-z])\\.com", "public suffix" },
    { "https://example-[a-z]+\\.com", "open label" },
    { "https://example\\d*\\.com", "open label" },
    { "https://www\\.ex.*ple\\.com", "open label" },
    { "https://exampl[a-z]\\.com", "open label" },
    { "https://example[a-c]\\.com", "open label" },
    { "https://example-[3-5]\\.com", "open label" },
    { "https://([a-c]\\.)?example[ab]\\.com", GOOD },
    { "http://192\\.168\\.1\\.\\d+", "address" },
    { "http://192\\.168\\.\\d{1,3}\\.\\d{1,3}(:\\d+)?", "address" },
    { "http://10\\.0\\.0\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)", "address" },
    /* From configurations in use, with the hosts changed. C6, C7 */
    { "http(s)?://(www\\.)?(example.com|example.org|dev02.example.net)",
      "unescaped dot" },
    { "^http(s)?://(.+\\.)?(example\\.com|example\\.org)$", INSECURE },
    { "http(s)?://(.+\\.)?(example\\.com|example\\.org)(:[0-9]+)?",
      INSECURE },
    /* C16, C33 */
    { "^https://office\\.example\\.com$", GOOD },
    { "https://search.example.com", "unescaped dot" },
    /* C18 */
    { "^https?://(.*\\.)?your-example(-\\w+)?\\.test$", "open label" },
    { "https://.*.your-example.test(:\\d+)?", "prefix" },
    { "https?://.*your-example.test(:\\d+)?", "prefix" },
    { "localhost(:\\d+)?$", DEAD },
    /* C28 */
    { "https?://.example.com(:\\d+)?", "unescaped dot" },
    { "^http(s)?://(.+.example.com)(:[0-9]+)?$", "unescaped dot" },
    /* C29 */
    { "http(s)?://(.+\\.)?(example.com|example.test)", "unescaped dot" },
    { "http(s)?://(www\\.|content.)?(example.com|example.test)",
      "unescaped dot" },
    /* C30 */
    { "https://.*\\.vercel\\.app", "public suffix" },
    { "^https://mine-[a-z0-9]+-team\\.vercel\\.app$", "public suffix" },
    { "^https?://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?$", GOOD },
    /* C31 */
    { "https://[a-z0-9-]+-[a-z0-9]+\\.fly\\.dev", "prefix" },
    { "https://deploy-preview-\\d+--mine\\.netlify\\.app", "public suffix" },
    { "^https://.+\\.netlify\\.app$", "public suffix" },
    /* C47 */
    { "https://keys.example.com", "unescaped dot" },
    { "keys\\.example\\.com", DEAD },
    /* C49: an alternation with an end, and no scheme */
    { "(example.com|example.org)$", DEAD },
    { "https?://(example.com|example.org)$", "unescaped dot" },
    /* C50: `*` made `.+` */
    { "^https://.+\\.example\\.com$", GOOD },
    { "^https://.+example\\.com$", "prefix" },
    { "^.+$", "any host" },
    /* Nothing to accept, or nothing to read. */
    { "", DEAD },
    { "null", DEAD },
    { "example\\.com", DEAD },
    { "example\\.com$", DEAD },
    { "//example\\.com", DEAD },
    { "https://example\\.com/", DEAD },
    { "https://example\\.com/.*", DEAD },
    { "HTTPS://example\\.com", DEAD },
    { "https://Example\\.com", DEAD },
    { "https://example\\.com:443", DEAD },
    { "https://\\*\\.example\\.com", DEAD },
    { "https://user@example\\.com", DEAD },
    { "https://b\xc3\xbc" "cher\\.example", DEAD },
    { "https://\\xfc\\.example", DEAD },
    { "https://example\\.com\\Khttps", DEAD },
    { "(?!)https://example\\.com", DEAD },
    { "https://(*FAIL)example\\.com", DEAD },
    { "https://([a-z]+)\\.\\1\\.example\\.com", DEAD },
    { "https://(?<n>a)\\k<n>\\.example", DEAD },
    { "https://(a|b)\\g{1}\\.example", DEAD },
    { "https://(a)(?1)\\.example", DEAD },
    { "https://(a)(?(1)b|c)\\.example", DEAD },
    { "a{1000}", DEAD },
    { "https://a{1000}\\.example", DEAD },
    /* A callout that looks like the beginning of a class. */
    { "https://example\\.com(?C\")[\")a-\\E", DEAD },
    { "https://a{0}b\\.example", GOOD },
    { "https://(a{0,65535}){1}\\.example", GOOD },
    /* Open where the lint cannot read; found by changing what it could. */
    { "https://example\\.com(?(?=\\.)\\.[a-z.]+|)", "suffix" },
    { "https://(?(?=[a-z]+example)[a-z]+|)example\\.com", "prefix" },
    { "(?(DEFINE)(?<any>.))https://www(\\.|(?&any))example\\.com",
      "unescaped dot" },
    { "(?(DEFINE)(?<tld>[a-z]+))https://example\\.(com|(?!com)(?&tld))",
      "top-level domain" },
    { "(?(DEFINE)(?<any>.*))https://((?&any)\\.)?example\\.com", GOOD },
    /* Endless backtracking. */
    { "https://([a-z]+)*\\.example\\.com", SLOW },
    { "https://([a-z0-9]+)+\\.example\\.com", SLOW },
    { "https://(\\d+)*\\.example\\.com", SLOW },
    { "https://([b-d]+)*\\.example\\.com", SLOW },
    { "https://([a-z]+\\.?)+example\\.com", SLOW },
    { "https://(.*\\.)*example\\.com", SLOW },
    { "https://(\\w+-?)*\\.example\\.com", SLOW },
    { "https://(a*)*\\.example\\.com", SLOW }
};

/* Is this what the row promises? Without a list of public suffixes, good ones
 * may be loose, and the names of trials are others. */
static int is_wanted(const char *want, cors_lint_verdict_t verdict,
                     const cors_lint_t *lint, int has_list)
{
    const int is_good = strcmp(want, GOOD) == 0 || strcmp(want, INSECURE) == 0;

    if (!has_list && (is_good || verdict == CORS_LINT_LOOSE)) {
        return verdict == CORS_LINT_LOOSE
            ? strcmp(want, DEAD) != 0 : verdict == CORS_LINT_GOOD;
    }
    if (verdict == CORS_LINT_LOOSE) {
        return strcmp(want, lint->trial) == 0;
    }
    if (verdict == CORS_LINT_GOOD) {
        return strcmp(want, lint->insecure[0] ? INSECURE : GOOD) == 0;
    }
    return strcmp(want, verdicts[verdict]) == 0;
}

static void check(const char *regex, const char *want,
                  const cors_suffixes_t *suffixes)
{
    compiled_t compiled;
    cors_lint_t lint;
    cors_lint_verdict_t verdict;

    if (!compile(regex, &compiled)) {
        ok(0, "%.60s: compiles", regex);
        return;
    }
    verdict = cors_lint(regex, suffixes, ask, &compiled, &lint);
    if (!ok(is_wanted(want, verdict, &lint, suffixes != NULL)
            && is_sane(&compiled, verdict, &lint), "%s: %.60s%s", want, regex,
            suffixes ? "" : ", without a list")) {
        printf("#   got %s, %s, '%s', insecure '%s', asked %d, odd %d\n",
               verdicts[verdict], lint.trial ? lint.trial : "-", lint.origin,
               lint.insecure, compiled.asks, compiled.odd);
    }
    pcre2_code_free(compiled.code);
}

static void test_rows(void)
{
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        check(rows[i].regex, rows[i].want, system_suffixes());
        if (cors_suffixes_supported && strcmp(rows[i].want, SLOW) != 0) {
            check(rows[i].regex, rows[i].want, NULL);
        }
    }
}

/* The origins that an administrator reads. */
static void test_origins(void)
{
    static const struct {
        const char *regex;
        const char *origin;
    } examples[] = {
        { "https://[^/]+", "https://evil.example" },
        { "https://.*example\\.com", "https://evilexample.com" },
        { "https://example\\.com.*", "https://example.com.evil.example" },
        { "https://www.example\\.com", "https://wwwxexample.com" },
        { "https://example\\.[a-z]+", "https://example.evil" },
        { "https://pr-[0-9]+\\.netlify\\.app", "https://pr-7.netlify.app" },
        { "https://example-[a-z]+\\.com", "https://example-evil.com" },
        { "https://192\\.168\\.1\\.\\d+", "https://192.168.1.7" }
    };
    size_t i;

    for (i = 0; i < COUNT(examples); i++) {
        compiled_t compiled;
        cors_lint_t lint;

        compile(examples[i].regex, &compiled);
        cors_lint(examples[i].regex, system_suffixes(), ask, &compiled, &lint);
        is(cors_str(lint.origin), examples[i].origin, examples[i].regex,
           "the origin in the header");
        pcre2_code_free(compiled.code);
    }
}

/* --------------------------------------------------------------- large -- */

static char large[REGEX_MAX];

static void add_times(const char *text, int times)
{
    size_t n = strlen(large);

    while (times-- > 0 && n + strlen(text) < sizeof(large)) {
        strcpy(large + n, text);
        n += strlen(text);
    }
}

/* head, `times` times the unit, tail. */
static const char *built(const char *head, const char *unit, int times,
                         const char *tail)
{
    large[0] = '\0';
    add_times(head, 1);
    add_times(unit, times);
    add_times(tail, 1);
    return large;
}

static const char *tenants(int count, const char *last)
{
    int i;

    large[0] = '\0';
    add_times("https://(", 1);
    for (i = 0; i < count; i++) {
        char name[64];

        sprintf(name, "t%d\\.example\\.com|", i);
        add_times(name, 1);
    }
    add_times(last, 1);
    add_times(")", 1);
    return large;
}

static void test_large(void)
{
    const cors_suffixes_t *list = system_suffixes();
    char nested[4096];

    check(tenants(250, "last\\.example\\.org"), GOOD, list);
    check(tenants(250, "last.example\\.org"), "unescaped dot", list);
    check(tenants(400, "last\\.example\\.org"), GOOD, list);
    check(tenants(400, "last.example\\.org"), "unescaped dot", list);
    check(built("https://(", "a|", 900, "b)\\.example"), GOOD, list);
    check(built("https://(", "a|", 900, "[a-z])\\.example"),
          "public suffix", list);
    strcpy(nested, built("https://", "(", 100, "a"));
    check(built(nested, ")", 100, "\\.example"), GOOD, list);
    check(built(nested, ")?", 100, ".*\\.example"), "any host", list);
    strcpy(nested, built("https://", "(?:", 249, "a"));
    check(built(nested, ")", 249, "\\.example"), GOOD, list);
    check(built("https://[a-z]", "(?#comment)", 450, "+\\.example\\.com"),
          GOOD, list);
    check(built("https://", "[a-z]", 60, "\\.example\\.com"), GOOD, list);
    check(built("https://", "[a-z]", 400, "\\.example\\.com"), DEAD, list);
    check(built("https://", "(?:)", 1000, "example\\.com"), GOOD, list);
}

/* -------------------------------------------------------------- random -- */

static const char *const fragments[] = {
    "https://", "https?://", "http://", "(?i)", "(?x)", "example", "\\.",
    ".", "com", "(", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?<n>", "(?|", ")",
    ")", ")", "|", "?", "*", "+", "{2}", "{1,3}", "{0,2}", "+?", "*+", "[a-z]",
    "[^/]", "[.-]", "[^.]", "\\d", "\\w", "\\S", "[[:alpha:]]", "[]a]", "[^]]",
    "[\\w-]", "[a-\\d]", "\\Q", "\\E", "\\Qa.b\\E", "\\1", "(?1)", "(*ACCEPT)",
    "(?#c)", "#", " ", "\n", "^", "$", "\\b", "\\x2e", "\\x{61}", "\\o{56}",
    "localhost", ":8443", "(:\\d+)?", "127", "\\pL", "\\p{N}", "[", "]", "{",
    "}", "-", "\\", "(?", "(*", "a{1000}", "evil", "\xff", "\\cA", "\\g{-1}",
    "(?(1)a|b)", "(?-i:A)", "(.*)", ".+", ".*\\.", "(www\\.)?"
};

static const char *random_regex(void)
{
    unsigned n = 1 + roll(14);

    large[0] = '\0';
    if (roll(4) > 0) {
        add_times("https://", 1);
    }
    while (n-- > 0) {
        add_times(fragments[roll(COUNT(fragments))], 1);
    }
    if (roll(3) > 0) {
        add_times("example\\.com", 1);
    }
    return large;
}

/* Also those that PCRE does not compile: they are never accepted, then. */
static int ask_nobody(cors_str_t text, void *context)
{
    ++*(int *)context;
    return text.n % 7 == 0;
}

static void test_random(void)
{
    int i, compiles = 0, insane = 0, too_many = 0;
    int seen[4] = { 0, 0, 0, 0 };

    for (i = 0; i < 4000; i++) {
        const char *regex = random_regex();
        const cors_suffixes_t *list = roll(2) ? system_suffixes() : NULL;
        cors_str_t copy = exact_n(regex, strlen(regex) + 1);
        compiled_t compiled;
        cors_lint_verdict_t verdict;
        cors_lint_t lint;
        int asks = 0;

        cors_lint(copy.p, list, ask_nobody, &asks, &lint);
        too_many += asks > CORS_LINT_ASKS_MAX;
        if (compile(regex, &compiled)) {
            compiles++;
            verdict = cors_lint(copy.p, list, ask, &compiled, &lint);
            seen[verdict]++;
            if (!is_sane(&compiled, verdict, &lint)) {
                insane++;
                printf("# %s: %s, '%s'\n", regex, verdicts[verdict],
                       lint.origin);
            }
            pcre2_code_free(compiled.code);
        }
        drop(copy);
    }
    ok(compiles > 500, "random expressions, %d of which compile", compiles);
    ok(insane == 0, "whatever the expression, the verdict is borne out");
    ok(too_many == 0, "whatever the expression, the questions are bounded");
    ok(seen[CORS_LINT_GOOD] > 50 && seen[CORS_LINT_LOOSE] > 50
       && seen[CORS_LINT_DEAD] > 50, "random expressions: %d good, %d loose, "
       "%d dead, %d slow", seen[CORS_LINT_GOOD], seen[CORS_LINT_LOOSE],
       seen[CORS_LINT_DEAD], seen[CORS_LINT_SLOW]);
}

int main(void)
{
    int status;

    apr_initialize();
    test_rows();
    if (cors_suffixes_supported) {
        test_origins();
        test_large();
    }
    test_random();
    status = done_testing();
    apr_terminate();
    return status;
}
