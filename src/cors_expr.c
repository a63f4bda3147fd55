/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_expr.h"

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_log.h>

#include "cors_setter.h"

APLOG_USE_MODULE(cors);

void cors_asker_add_vary(cors_asker_t *asker, const char *name)
{
    asker->vary = asker->vary == NULL ? name
        : apr_pstrcat(asker->r->pool, asker->vary, ", ", name, NULL);
}

static int evaluate(const ap_expr_info_t *info, cors_asker_t *asker)
{
    request_rec *r = asker->r;
    apr_table_t *headers_out = r->headers_out;
    ap_regmatch_t matches[AP_MAX_REG_MATCH];
    const char *source = NULL, *error = NULL, *vary = NULL;
    ap_expr_eval_ctx_t context;
    int rc;

    memset(&context, 0, sizeof(context));
    context.r = r;
    context.c = r->connection;
    context.s = r->server;
    context.p = r->pool;
    context.err = &error;
    context.info = info;
    context.re_nmatch = AP_MAX_REG_MATCH;
    context.re_pmatch = matches;
    context.re_source = &source;
    context.vary_this = &vary;

    /* httpd would write Vary at once, but errors lose what is in this table,
     * and it is for cors_headers.c to write. */
    r->headers_out = apr_table_make(r->pool, 1);
    rc = ap_expr_exec_ctx(&context);
    r->headers_out = headers_out;

    if (vary != NULL) {
        cors_asker_add_vary(asker, vary);
    }
    asker->has_asked = 1;
    return rc > 0;
}

/* A condition on trial. */
typedef struct trial_t {
    const ap_expr_info_t *info;
    cors_asker_t *asker;
    const cors_origin_t *origin;        /* that it is true for */
} trial_t;

/* Is the condition true for this host too, though it is of another site? */
static int allows_also(const trial_t *trial, const char *host)
{
    const cors_suffixes_t *suffixes = cors_server_suffixes();
    const cors_origin_t *origin = trial->origin;
    cors_asker_t aside = *trial->asker;     /* what it reads is known */
    request_rec *r = aside.r;
    apr_table_t *headers_in = r->headers_in;
    const size_t port = origin->port.n > 0 ? origin->port.n + 1 : 0;
    int rc;

    if (cors_str_eq(cors_suffix_site(suffixes, cors_str(host)),
                    cors_suffix_site(suffixes, origin->host))) {
        return 0;
    }
    r->headers_in = apr_table_copy(r->pool, headers_in);
    apr_table_setn(r->headers_in, "Origin",
                   apr_psprintf(r->pool, "%.*s://%s%.*s",
                                (int)origin->scheme.n, origin->scheme.p, host,
                                (int)port, origin->text.p + origin->text.n
                                           - port));
    rc = evaluate(trial->info, &aside);
    r->headers_in = headers_in;
    return rc;
}

/* A condition that does not look at the origin, or only at a part of it, lets
 * anybody in. That cannot be seen in its text, so it is tried on hosts that a
 * stranger could register to get past it. */
static int allows_strangers(const trial_t *trial)
{
    const cors_str_t host = trial->origin->host;
    const cors_str_t site = cors_suffix_site(cors_server_suffixes(), host);
    const size_t sub = host.n - site.n;
    apr_pool_t *pool = trial->asker->r->pool;
    char *text = apr_pstrmemdup(pool, host.p, host.n);
    char *dot, *last = strrchr(text, '.');

    if (allows_also(trial, "stranger.invalid")
        || allows_also(trial, apr_pstrcat(pool, "stranger", text + sub, NULL))
        || allows_also(trial, apr_psprintf(pool, "%.*sstranger%s", (int)sub,
                                           text, text + sub))
        || allows_also(trial, apr_pstrcat(pool, text, ".stranger.invalid",
                                          NULL))
        || (last != NULL
            && allows_also(trial, apr_psprintf(pool, "%.*s.stranger",
                                               (int)(last - text), text)))) {
        return 1;
    }
    /* The dots further in front do not change the site. */
    for (dot = strchr(text + (sub > 0 ? sub - 1 : 0), '.'); dot != NULL;
         dot = strchr(dot + 1, '.')) {
        int is_so;

        *dot = 'x';
        is_so = allows_also(trial, text);
        *dot = '.';
        if (is_so) {
            return 1;
        }
    }
    return 0;
}

static const cors_entry_t *covers(const cors_source_t *source,
                                  const cors_question_t *question)
{
    const trial_t trial = { source->what, question->request,
                            question->origin };

    return evaluate(trial.info, trial.asker)
        && ((question->skip & CORS_ENTRY_STRANGERS) == 0
            || !allows_strangers(&trial)) ? &source->entry : NULL;
}

static const void *learn(const cors_entry_t *entry, void *context)
{
    evaluate(cors_entry_source(entry)->what, context);
    return NULL;
}

void cors_expr_learn_vary(const cors_list_t *origins, cors_asker_t *asker)
{
    if ((origins->facts & CORS_ENTRY_EXPR) != 0) {
        cors_origins_visit(origins, CORS_ENTRY_EXPR, learn, asker);
    }
}

const char *cors_set_expr(cmd_parms *cmd, void *dirv, const char *arg)
{
    const char *error = cors_refuse_limit(cmd);
    const char *lacks = cors_server_lacks(cmd, CORS_POWER_EXPR);
    const char *reason = NULL;
    cors_config_t *config;
    cors_origins_t *origins;
    cors_source_t *source;

    if (error != NULL) {
        return error;
    }
    if (lacks != NULL) {
        return cors_refuse_power(cmd, lacks);
    }
    source = apr_pcalloc(cmd->pool, sizeof(*source));
    source->what = ap_expr_parse_cmd(cmd, arg,
                                     cors_is_htaccess(cmd)
                                     ? AP_EXPR_FLAG_RESTRICTED : 0,
                                     &reason, NULL);
    if (reason != NULL) {
        return cors_refuse(cmd, arg,
                           apr_pstrcat(cmd->pool, "must be a condition: ",
                                       reason, NULL), NULL);
    }
    source->entry.pattern.text = arg;
    source->entry.pattern.facts = CORS_ENTRY_EXPR;
    source->entry.place = cors_place_of(cmd);
    source->covers = covers;
    config = cors_own(cmd, dirv);
    origins = cors_own_origins(cmd, config);
    cors_origins_add_source(origins, source);
    origins->list.facts |= CORS_ENTRY_STRANGERS;
    return cors_commit(cmd, config);
}
