/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_safelist.h"

/* May the byte stand in Accept and Content-Type? */
static int is_safe(char c)
{
    static const char unsafe[] = "\"():<>?@[\\]{}\x7f";

    return c == '\t' || ((unsigned char)c >= 0x20
                         && memchr(unsafe, c, sizeof(unsafe) - 1) == NULL);
}

/* And in Accept-Language and Content-Language? */
static int is_of_language(char c)
{
    static const char others[] = " *,-.;=";
    const char lower = cors_lower(c);

    return cors_is_digit(c) || (lower >= 'a' && lower <= 'z')
        || memchr(others, c, sizeof(others) - 1) != NULL;
}

static cors_safety_t judge_bytes(cors_str_t value, int (*may_stand)(char c),
                                 cors_str_t *blamed)
{
    size_t i;

    for (i = 0; i < value.n; i++) {
        if (!may_stand(value.p[i])) {
            *blamed = cors_str_sub(value, i, i + 1);
            return CORS_UNSAFE_BYTE;
        }
    }
    return CORS_SAFELISTED;
}

static cors_safety_t judge_accept(cors_str_t value, cors_str_t *blamed)
{
    return judge_bytes(value, is_safe, blamed);
}

static cors_safety_t judge_language(cors_str_t value, cors_str_t *blamed)
{
    return judge_bytes(value, is_of_language, blamed);
}

/* What stands in front of the parameters. The three types are of token bytes
 * only, so who equals one of them has parsed. */
static cors_str_t essence_of(cors_str_t value)
{
    const char *end = value.n > 0 ? memchr(value.p, ';', value.n) : NULL;
    size_t n = end != NULL ? (size_t)(end - value.p) : value.n;

    while (n > 0 && (value.p[n - 1] == ' ' || value.p[n - 1] == '\t')) {
        n--;
    }
    return cors_str_sub(value, 0, n);
}

static cors_safety_t judge_type(cors_str_t value, cors_str_t *blamed)
{
    static const cors_str_t types[] = {
        CORS_STR("application/x-www-form-urlencoded"),
        CORS_STR("multipart/form-data"),
        CORS_STR("text/plain")
    };
    const cors_str_t essence = essence_of(value);
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (cors_str_ieq(essence, types[i])) {
            return judge_bytes(value, is_safe, blamed);
        }
    }
    *blamed = essence;
    return CORS_UNSAFE_TYPE;
}

/* Takes the digits off the front. */
static cors_str_t take_digits(cors_str_t *rest)
{
    const cors_str_t all = *rest;
    size_t n = 0;

    while (n < all.n && cors_is_digit(all.p[n])) {
        n++;
    }
    *rest = cors_str_sub(all, n, all.n);
    return cors_str_sub(all, 0, n);
}

/* Takes the bytes off the front; 0: it begins with others. */
static int take(cors_str_t *rest, const char *bytes)
{
    const size_t n = strlen(bytes);

    if (rest->n < n || memcmp(rest->p, bytes, n) != 0) {
        return 0;
    }
    *rest = cors_str_sub(*rest, n, rest->n);
    return 1;
}

static cors_str_t without_zeros(cors_str_t digits)
{
    while (digits.n > 0 && *digits.p == '0') {
        digits = cors_str_sub(digits, 1, digits.n);
    }
    return digits;
}

/* Is the one number, of any length, greater than the other? */
static int is_greater(cors_str_t a, cors_str_t b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    return a.n != b.n ? a.n > b.n : memcmp(a.p, b.p, a.n) > 0;
}

static cors_safety_t judge_range(cors_str_t value, cors_str_t *blamed)
{
    cors_str_t rest = value, start, end;

    if (take(&rest, "bytes=")) {
        start = take_digits(&rest);
        if (start.n > 0 && take(&rest, "-")) {
            end = take_digits(&rest);
            if (rest.n == 0 && (end.n == 0 || !is_greater(start, end))) {
                return CORS_SAFELISTED;
            }
        }
    }
    *blamed = value;
    return CORS_UNSAFE_RANGE;
}

/* The names that may be safelisted. */
typedef struct rule_t {
    cors_str_t name;
    cors_safety_t unknown;      /* where the value is not known */
    cors_safety_t (*judge)(cors_str_t value, cors_str_t *blamed);
} rule_t;

static const rule_t rules[] = {
    { CORS_STR("accept"), CORS_SAFELISTED, judge_accept },
    { CORS_STR("accept-language"), CORS_SAFELISTED, judge_language },
    { CORS_STR("content-language"), CORS_SAFELISTED, judge_language },
    { CORS_STR("content-type"), CORS_UNSAFE_UNKNOWN, judge_type },
    { CORS_STR("range"), CORS_UNSAFE_UNKNOWN, judge_range }
};

cors_safety_t cors_safety(cors_str_t name, cors_str_t value,
                          cors_str_t *blamed)
{
    size_t i = 0;

    *blamed = cors_str(NULL);
    while (!cors_str_ieq(name, rules[i].name)) {
        if (++i == sizeof(rules) / sizeof(*rules)) {
            return CORS_UNSAFE_NAME;
        }
    }
    return value.p == NULL ? rules[i].unknown
        : value.n > CORS_SAFELIST_VALUE_MAX ? CORS_UNSAFE_LENGTH
        : rules[i].judge(value, blamed);
}
