/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_suffix.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "suffixes.h"
#include "tap.h"

static apr_pool_t *pool;

/* A list that is read from a file with this text. */
static const cors_suffixes_t *load(const char *text)
{
    const char *dir = "";
    const cors_suffixes_t *list;
    apr_file_t *file;
    char *path;

    apr_temp_dir_get(&dir, pool);
    path = apr_pstrcat(pool, dir, "/suffixes.XXXXXX", NULL);
    if (apr_file_mktemp(&file, path, 0, pool) != APR_SUCCESS) {
        printf("Bail out! no temporary file %s\n", path);
        exit(1);
    }
    apr_file_puts(text, file);
    apr_file_flush(file);
    list = cors_suffixes_load(pool, path);
    apr_file_close(file);
    return list;
}

/* ---------------------------------------------------- public suffixes -- */

static const char rules[] =
    "// Some rules\n"
    "com\n"
    "uk\n"
    "co.uk\n"
    "github.io\n"
    "*.ck\n"
    "!www.ck\n"
    "\xe5\x85\xac\xe5\x8f\xb8.cn\n";

/* By which list the row is true. */
#define OWN     1u
#define SYSTEM  2u
#define BOTH    (OWN | SYSTEM)

static const struct {
    const char *what;
    const char *domain;
    unsigned lists;
    int want;
} suffixes[] = {
    { "a top-level name", "com", BOTH, 1 },
    { "one that is not listed", "internal", BOTH, 1 },
    { "localhost", "localhost", BOTH, 1 },
    { "a second-level suffix", "co.uk", BOTH, 1 },
    { "a private suffix", "github.io", BOTH, 1 },
    { "another one", "netlify.app", SYSTEM, 1 },
    { "that one unlisted", "netlify.app", OWN, 0 },
    { "a suffix by a wildcard", "any.ck", BOTH, 1 },
    { "an exception", "www.ck", BOTH, 0 },
    { "an internationalised suffix", "xn--55qx5d.cn", BOTH, 1 },
    { "a registrable domain", "example.com", BOTH, 0 },
    { "one under a second-level suffix", "example.co.uk", BOTH, 0 },
    { "one under a private suffix", "pages.github.io", BOTH, 0 },
    { "a host", "www.example.com", BOTH, 0 },
    { "what only ends in the bytes of a suffix", "notgithub.io", BOTH, 0 },
    { "what only begins like one", "co.uk.example.com", BOTH, 0 },
    { "two labels, none of them listed", "corp.internal", BOTH, 0 }
};

/* ---------------------------------------------------------------- sites -- */

static const struct {
    const char *what;
    const char *host;
    unsigned lists;
    const char *want;           /* NULL: the whole host */
} sites[] = {
    { "a registrable domain", "example.com", BOTH, NULL },
    { "a host under it", "www.example.com", BOTH, "example.com" },
    { "a host far under it", "a.b.c.example.com", BOTH, "example.com" },
    { "under a second-level suffix", "www.example.co.uk", BOTH,
      "example.co.uk" },
    { "directly under it", "example.co.uk", BOTH, NULL },
    { "under a private suffix", "a.pages.github.io", BOTH,
      "pages.github.io" },
    { "under another one", "a.site.netlify.app", SYSTEM,
      "site.netlify.app" },
    { "under a wildcard", "a.b.any.ck", BOTH, "b.any.ck" },
    { "under an exception", "a.www.ck", BOTH, "www.ck" },
    { "an exception", "www.ck", BOTH, NULL },
    { "under an unlisted top-level name", "a.corp.internal", BOTH,
      "corp.internal" },
    { "internationalised", "www.xn--bcher-kva.xn--55qx5d.cn", BOTH,
      "xn--bcher-kva.xn--55qx5d.cn" },
    { "a public suffix", "co.uk", BOTH, NULL },
    { "a private suffix", "github.io", BOTH, NULL },
    { "a top-level name", "com", BOTH, NULL },
    { "one label", "localhost", BOTH, NULL },
    { "under localhost", "a.b.localhost", BOTH, "b.localhost" },
    { "IPv4", "192.0.2.1", BOTH, NULL },
    { "IPv6", "[2001:db8::1]", BOTH, NULL },
    { "IPv6 with a dot", "[::ffff:192.0.2.1]", BOTH, NULL },
    { "a dot at the end", "www.example.com.", BOTH, NULL },
    { "a dot behind one label", "com.", BOTH, NULL },
    { "nothing", "", BOTH, NULL }
};

static void test_list(const cors_suffixes_t *list, unsigned lists,
                      const char *name)
{
    size_t i;

    for (i = 0; i < COUNT(suffixes); i++) {
        cors_str_t domain = exact(suffixes[i].domain);

        if ((suffixes[i].lists & lists) != 0) {
            ok(cors_suffix_is_public(list, domain) == suffixes[i].want,
               "%s: %s, %s, is %s public suffix", name, suffixes[i].what,
               suffixes[i].domain, suffixes[i].want ? "a" : "no");
        }
        drop(domain);
    }
    for (i = 0; i < COUNT(sites); i++) {
        cors_str_t host = exact(sites[i].host);
        cors_str_t site = cors_suffix_site(list, host);

        if ((sites[i].lists & lists) != 0) {
            is(site, sites[i].want ? sites[i].want : sites[i].host, name,
               sites[i].what);
            ok(site.p + site.n == host.p + host.n,
               "%s: %s: a slice of the host", name, sites[i].what);
        }
        drop(host);
    }
}

/* The longest host that is looked up, and one byte more. */
static void test_long(const cors_suffixes_t *list)
{
    static const char tail[] = ".example.com";
    size_t n;

    for (n = 255; n <= 256; n++) {
        char text[257];
        cors_str_t host;

        memset(text, 'a', n);
        memcpy(text + n - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
        host = exact_n(text, n);
        ok(cors_suffix_site(list, host).n == (n > 255 ? n : 11),
           "the site of a host of %d bytes", (int)n);
        ok(cors_suffix_is_public(list, host) == (n > 255),
           "is one of %d bytes public?", (int)n);
        drop(host);
    }
}

static void test_no_list(void)
{
    size_t i;

    for (i = 0; i < COUNT(suffixes); i++) {
        cors_str_t domain = exact(suffixes[i].domain);

        ok(cors_suffix_is_public(NULL, domain),
           "without a list %s is a public suffix", suffixes[i].domain);
        drop(domain);
    }
    for (i = 0; i < COUNT(sites); i++) {
        cors_str_t host = exact(sites[i].host);

        is(cors_suffix_site(NULL, host), sites[i].host, "without a list",
           "every host is a site of its own");
        drop(host);
    }
}

static void test_files(void)
{
    static const char compiled[] =
        "/usr/share/publicsuffix/public_suffix_list.dafsa";
    apr_finfo_t info;

    ok(cors_suffixes_load(pool, "/nowhere/suffixes") == NULL,
       "no list without a file");
    ok(cors_suffixes_load(pool, "/") == NULL, "no list from a directory");
    ok(load("") == NULL, "no list from an empty file");
    ok(load("// nothing\n\n") == NULL, "no list from comments alone");
    if (apr_stat(&info, compiled, APR_FINFO_TYPE, pool) == APR_SUCCESS) {
        const cors_suffixes_t *list = cors_suffixes_load(pool, compiled);

        if (ok(list != NULL, "a compiled list")) {
            test_list(list, SYSTEM, "compiled");
        }
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_no_list();
    if (cors_suffixes_supported) {
        const cors_suffixes_t *own = load(rules);

        if (ok(own != NULL, "a list from a file")) {
            test_list(own, OWN, "own");
            test_long(own);
        }
        if (ok(system_suffixes() != NULL, "the system's list")) {
            test_list(system_suffixes(), SYSTEM, "system");
        }
        test_files();
    }
    else {
        ok(load(rules) == NULL && system_suffixes() == NULL,
           "no list without libpsl");
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
