/* Licensed under the Apache License, Version 2.0; see LICENSE. */
/* Whole decisions.
 *
 *      choices     1: credentials; 1: rejects; which CorsTolerate names, as
 *                  bits; 1: OPTIONS; 1: sections are merged from the right;
 *                  1: the request came over https, 2: where it was sent to is
 *                  unknown; which facts to visit (2)
 *      origin      \
 *      host:port    | of the
 *      word         | request:     Sec-Fetch-Site
 *      method       |              Access-Control-Request-Method
 *      headers     /               Access-Control-Request-Headers
 *      methods     as behind CorsAllowMethods, `|` between sections
 *      headers     as behind CorsAllowHeaders, likewise
 *      items       as behind CorsAllowOrigin; a section and further lines of
 *                  them, the outermost first. `~` begins a source of
 *                  CorsAllowOriginMatch, `?` one of CorsAllowOriginExpr, and
 *                  of CorsAllowOriginSource `@` one that a provider answers
 *                  for and `<` a file, as in t/unit/sources.h; `none` is the
 *                  empty list.
 *
 * The verdict is that of the model, and what it sends has no byte that could
 * harm a header. */
#include "cors_near_miss.h"

#include <stdio.h>

#include "fuzz.h"
#include "model.h"
#include "names.h"
#include "naive_origin.h"

#define FEW_ITEMS 40            /* in a section; a table takes 17 */

static model_t model;
static cors_policy_t policy;

/* ------------------------------------------------------------- sections -- */

/* A file, if all that stands between its commas is taken. */
static int read_file(const char *text, section_t *section, item_t *item)
{
    const char *rest = text;
    char all[TEXT_MAX] = "";
    item_t line;

    while (next_line(&rest, &line)) {
        cors_pattern_t pattern;
        cors_reading_t reading;

        if (!cors_pattern_parse(exact_copy(cors_str(line.text)),
                                few_suffixes(), &pattern, &reading)
            || strlen(all) + pattern.n + 2 > sizeof(all)) {
            return 0;
        }
        strcat(all, *all != '\0' ? "," : "");
        strcat(all, reading.text);
    }
    strcpy(item->text, all);
    item->source = add_source(input_pool, section->origins, cors_str(all),
                              source_facts_of(LINES), few_suffixes());
    promise(item->source != NULL, "a file is read", cors_str(all));
    return 1;
}

/* A source, if it is one that does not take long. */
static int read_source(cors_str_t word, section_t *section, item_t *item)
{
    static const struct {
        const char *known;
        size_t offset;
    } flags[] = {
        { "!loose", offsetof(item_t, is_loose) },
        { "!http", offsetof(item_t, is_http_too) },
        { "!strangers", offsetof(item_t, meets_strangers) },
        { "!dead", offsetof(item_t, is_dead) }
    };
    static const char signs[] = "~?@<";
    char text[TEXT_MAX];
    const char *star, *known;
    size_t i, stars = 0;

    item->kind = (kind_t)(MATCH + (strchr(signs, *word.p) - signs));
    if (!put_text(cors_str_sub(word, 1, word.n), text, sizeof(text))) {
        return 0;
    }
    for (star = text; (star = strchr(star, '*')) != NULL; star++) {
        stars++;
    }
    known = strchr(text, '!');
    for (i = 0; known != NULL && strcmp(known, flags[i].known) != 0; i++) {
        if (i == 3) {
            return 0;
        }
    }
    /* Only a provider can be dead, and the guard bars none. */
    if (known != NULL && (item->kind == LINES
                          || (item->kind == PROVIDER) != (i == 3))) {
        return 0;
    }
    if (item->kind == LINES) {
        return read_file(text, section, item);
    }
    if (stars > 3) {
        return 0;
    }
    if (known != NULL) {
        *(int *)((char *)item + flags[i].offset) = 1;
    }
    sprintf(item->text, "%.*s", (int)strcspn(text, "!"), text);
    /* The core takes a slice; the helper copies it. */
    item->source = add_source(input_pool, section->origins, cors_str(text),
                              source_facts_of(item->kind), few_suffixes());
    return 1;
}

/* Returns whether it is an item that a directive takes. */
static int read_item(cors_str_t word, section_t *section, item_t *item)
{
    const cors_place_t place = section->origins->list.place;
    const char sign = *word.p == '+' || *word.p == '-' ? *word.p : '\0';
    const cors_str_t text = sign ? cors_str_sub(word, 1, word.n) : word;
    cors_pattern_t pattern;
    cors_reading_t reading;

    memset(item, 0, sizeof(*item));
    if (*word.p != '\0' && strchr("~?@<", *word.p)) {
        return read_source(word, section, item);
    }
    if (cors_str_is(text, "none")) {
        section->replaces |= sign == '\0' && section->n == 0;
        return 0;
    }
    item->removes = sign == '-';
    if ((item->removes && cors_str_is(text, "*"))
        || !cors_pattern_parse(exact_copy(text), few_suffixes(), &pattern,
                               &reading)) {
        return 0;
    }
    strcpy(item->text, reading.text);
    pattern.text = apr_pstrmemdup(input_pool, reading.text, pattern.n);
    cors_origins_add(input_pool, section->origins, &pattern, place,
                     item->removes);
    section->replaces |= sign == '\0';
    return 1;
}

static void read_section(cors_str_t line)
{
    const cors_place_t place = { "fuzz", (int)model.n + 1 };
    section_t *section = &model.section[model.n++];
    cors_str_t word;

    section->origins = cors_origins_make(input_pool, place);
    section->items = apr_palloc(input_pool,
                                FEW_ITEMS * sizeof(*section->items));
    section->n = 0;
    section->replaces = 0;
    while (section->n < FEW_ITEMS && take_word(&line, &word)) {
        section->n += (size_t)read_item(word, section,
                                        &section->items[section->n]);
    }
    section->origins->list.replaces = section->replaces;
    if (section->replaces) {
        model.first = model.n - 1;
    }
}

static const cors_list_t *own_list(size_t s)
{
    const section_t *section = &model.section[s];

    return section->n > 0 || section->replaces ? &section->origins->list
                                               : NULL;
}

static const cors_list_t *merge(int from_right)
{
    const cors_list_t *list = NULL;
    size_t s;

    for (s = 0; s < model.n; s++) {
        list = from_right
            ? cors_list_merge(input_pool, own_list(model.n - 1 - s), list)
            : cors_list_merge(input_pool, list, own_list(s));
    }
    return list;
}

/* The list is that of the default where nothing replaces it. */
static void add_default_methods(naive_names_t *methods)
{
    static const char *const names[] = { "GET", "HEAD", "POST" };
    size_t i;

    memmove(&methods->section[1], &methods->section[0],
            methods->n * sizeof(methods->section[0]));
    methods->n++;
    methods->has_default = 1;
    methods->section[0].n = 0;
    methods->section[0].replaces = 1;
    for (i = 0; i < 3; i++) {
        naive_name_t *entry = &methods->section[0].name[i];

        entry->text = cors_str(names[i]);
        entry->kind = '=';
        entry->removes = 0;
        methods->section[0].n++;
    }
}

/* ---------------------------------------------------------- the request -- */

/* Where it was sent to, for both; 0 if no model knows what that is. */
static int read_site(cors_str_t line, cors_site_t *site, naive_site_t *naive)
{
    static char port_text[6];

    cors_str_t host, port;
    int is_known;

    cors_authority_split(line, &host, &port);
    is_known = put_text(host, naive->host, sizeof(naive->host))
        && (host.n == 0 || naive_is_host(naive->host, 1));
    if (port.p == NULL || !put_text(port, port_text, sizeof(port_text))
        || !naive_is_of(port_text, NAIVE_DIGITS)) {
        port_text[0] = '\0';
    }
    naive->port = port_text;
    site->host = exact_copy(host);
    site->port = exact_copy(cors_str(port_text));
    site->suffixes = few_suffixes();
    return is_known;
}

/* What the client sends is any bytes; `ask` has them where they have a
 * meaning. */
static void read_origin(cors_str_t origin, ask_t *ask)
{
    ask->is_well_formed = naive_is_origin(origin);
    if (ask->is_well_formed) {
        put_text(origin, ask->origin, sizeof(ask->origin));
    }
    else {
        strcpy(ask->origin, origin.n > 0 ? "malformed" : "");
    }
}

/* --------------------------------------------------------------- checks -- */

static void fail(const ask_t *ask, const answer_t *want,
                 const cors_verdict_t *verdict, const char *what)
{
    fflush(stdout);
    show(&model, ask, want, verdict);
    fflush(stdout);
    promise(0, what, cors_str(ask->origin));
}

static void check_verdict(const cors_request_t *request, const ask_t *ask,
                          const cors_verdict_t *verdict)
{
    answer_t want;
    size_t guarded;
    const char *what;

    decide(&model, ask, &want, &guarded);
    if (!ask->is_well_formed && want.allow_origin != NULL) {
        promise(strcmp(want.allow_origin, "*") == 0, "a malformed origin",
                request->origin);
    }
    what = compare(&model, ask, &want, guarded, verdict);
    if (what != NULL) {
        fail(ask, &want, verdict, what);
    }
    if (verdict->allow_origin.n > 0 && !is_constant(&model)
        && !some_entry_allows(&model, ask)) {
        fail(ask, &want, verdict, "allowed, and no entry allows it");
    }
}

/* Holds whatever the policy and whoever was asked. */
static void check_safety(const cors_request_t *request,
                         const cors_verdict_t *verdict)
{
    const cors_str_t sent = verdict->allow_origin;
    size_t i;

    promise(sent.p == NULL || cors_str_is(sent, "*")
            || (sent.p == request->origin.p && sent.n == request->origin.n
                && naive_is_origin(sent)),
            "the origin that is sent is the request's own", request->origin);
    promise(!cors_str_is(sent, "*") || !policy.credentials,
            "'*' is never sent with credentials", request->origin);
    for (i = 0; i < sent.n; i++) {
        promise(sent.p[i] > ' ' && sent.p[i] < '\177' && sent.p[i] != ',',
                "what is sent is printable", request->origin);
    }
    promise(!verdict->is_rejected || (policy.rejects && sent.p == NULL),
            "nobody who is allowed is rejected", request->origin);
    promise((verdict->result == CORS_DENIED_METHOD
             || verdict->result == CORS_DENIED_HEADER)
            == (verdict->blamed.p != NULL),
            "a denied method or header has a name", request->origin);
    promise(cors_result_word(verdict) != NULL, "a result has a word",
            request->origin);
    if (verdict->passed_over != NULL) {
        const unsigned facts = cors_guard(&policy)
            & verdict->passed_over->pattern.facts;

        /* A source finds out by itself whether it allows strangers. */
        promise(facts != 0 || cors_entry_source(verdict->passed_over) != NULL,
                "an entry is passed over for a reason", request->origin);
        promise(policy.credentials || !cors_guard_is_of_credentials(facts),
                "which is one without credentials, too", request->origin);
        promise(strlen(cors_guard_rule(facts)) > 0, "which has a rule",
                request->origin);
    }
    if (verdict->entry != NULL) {
        promise(strncmp(cors_entry_directive(verdict->entry),
                        "CorsAllowOrigin", 15) == 0,
                "an entry is of a directive", request->origin);
    }
}

/* What the log is told that a request just misses. */
static void check_near_miss(const cors_request_t *request)
{
    char method[CORS_NEAR_METHOD_MAX + 1];
    cors_request_t other = *request;
    cors_near_miss_t miss;
    cors_verdict_t verdict;
    cors_origin_t origin;

    forget_asked();
    cors_near_miss_find(&policy, request, &miss);
    promise(*sources_asked == '\0', "no source is asked for a near miss",
            request->origin);
    promise(!cors_origin_parse(request->origin, &origin)
            == (miss.rule != NULL),
            "what is no origin breaks a rule", request->origin);
    if (miss.entry != NULL) {
        other.origin = cors_str(miss.origin);
        other.is_preflight = 0;
        cors_decide(&policy, &other, &verdict);
        promise(verdict.result == CORS_ALLOWED,
                "the origin that is near is allowed", other.origin);
    }
    promise(!cors_near_miss_find_method(&policy, request->method, method)
            || naive_allows_method(&model.methods, cors_str(method)),
            "the method that is near is allowed", request->method);
}

static void check_methods(const cors_request_t *request)
{
    cors_list_t merged;
    const cors_list_t *list = cors_policy_methods(&policy, &merged);

    check_joined(list, &model.methods);
    promise(!!cors_policy_allows_method(&policy, request->method)
            == naive_allows_method(&model.methods, request->method),
            "which methods are allowed", request->method);
    promise(!!cors_policy_sends_star(&policy, list)
            == (!policy.credentials && naive_has_entry(&model.methods, "*", 0)
                && !naive_has_entry(&model.methods, "=", 1)),
            "when '*' is sent for methods", request->method);
}

/* The entries in force, in order. */
static void check_visit(unsigned facts)
{
    static visitor_t visitor;

    facts &= ~CORS_ENTRY_REMOVES;
    visitor.n = visitor.seen = 0;
    visitor.is_wrong = 0;
    expect(&model, facts, &visitor);
    cors_origins_visit(policy.origins, facts, see, &visitor);
    promise(visitor.seen == visitor.n && !visitor.is_wrong,
            "the entries in force are those of the model", cors_str(""));
}

static void check_policy(void)
{
    promise(!!cors_policy_is_constant(&policy) == is_constant(&model),
            "when a policy is constant", cors_str(""));
    promise(!!cors_policy_depends_on_origin(&policy)
            == depends_on_origin(&model),
            "when the answer depends on the origin", cors_str(""));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static char fetch_site[TEXT_MAX];

    cors_str_t rest = begin_input(bytes, n);
    cors_str_t choices = take_line(&rest);
    cors_request_t request;
    cors_verdict_t verdict;
    cors_site_t site;
    ask_t ask;
    unsigned where, facts, more;
    int from_right, is_options, is_known;

    memset(&request, 0, sizeof(request));
    memset(&policy, 0, sizeof(policy));
    memset(&ask, 0, sizeof(ask));
    policy.credentials = model.credentials = take_choice(&choices) == 1;
    policy.rejects = model.rejects = take_choice(&choices) == 1;
    policy.tolerate = model.tolerate = (int)(take_choice(&choices) % 16);
    is_options = take_choice(&choices) == 1;
    from_right = take_choice(&choices) == 1;
    where = take_choice(&choices);
    facts = take_choice(&choices);
    more = take_choice(&choices);

    request.origin = take_line(&rest);
    read_origin(request.origin, &ask);
    is_known = read_site(take_line(&rest), &site, &ask.site);
    site.is_secure = ask.site.is_secure = where == 1;
    ask.has_site = where != 2;
    request.site = ask.has_site ? &site : NULL;
    request.fetch_site = take_line(&rest);
    put_text(request.fetch_site, fetch_site, sizeof(fetch_site));
    ask.fetch_site = fetch_site;
    request.method = ask.method = take_line(&rest);
    request.headers = ask.headers = take_line(&rest);
    request.is_preflight = ask.is_preflight =
        cors_is_preflight(is_options, request.origin, request.method);
    promise(!!request.is_preflight
            == (is_options && request.origin.n > 0 && request.method.n > 0),
            "what a preflight is", request.origin);

    policy.methods = read_names(take_line(&rest), cors_str_eq, from_right,
                                &model.methods);
    if (policy.methods == NULL || !policy.methods->replaces) {
        add_default_methods(&model.methods);
    }
    policy.headers = read_names(take_line(&rest), cors_str_ieq, from_right,
                                &model.headers);
    model.n = model.first = 0;
    while (model.n < SECTIONS && rest.n > 0) {
        read_section(take_line(&rest));
    }
    policy.origins = merge(from_right);
    if (policy.origins != NULL) {
        forget_asked();
        cors_decide(&policy, &request, &verdict);
        check_safety(&request, &verdict);
        if (is_known) {
            check_verdict(&request, &ask, &verdict);
        }
        check_near_miss(&request);
        check_methods(&request);
        check_policy();
        check_visit(facts > 0 ? 1u << facts % 24 | 1u << more % 24
                              : CORS_ENTRY_GRANTS);
        check_visit(cors_guard(&policy));
    }
    end_input();
    return 0;
}
