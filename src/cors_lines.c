/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_lines.h"

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next line off the text; 0 at its end. */
static int next_line(cors_str_t *text, cors_str_t *line)
{
    const char *end;

    if (text->n == 0) {
        return 0;
    }
    end = memchr(text->p, '\n', text->n);
    line->p = text->p;
    line->n = end != NULL ? (size_t)(end - text->p) : text->n;
    *text = cors_str_sub(*text, line->n + (end != NULL), text->n);
    return 1;
}

/* What is left of a line without its comment and the blanks around. */
static cors_str_t item_of(cors_str_t line)
{
    const char *comment = memchr(line.p, '#', line.n);

    if (comment != NULL) {
        line.n = (size_t)(comment - line.p);
    }
    while (line.n > 0 && is_blank(line.p[line.n - 1])) {
        line.n--;
    }
    while (line.n > 0 && is_blank(*line.p)) {
        line = cors_str_sub(line, 1, line.n);
    }
    return line;
}

/* Reads one item. Blanks and signs are nothing that cors_pattern_parse()
 * would have to know. */
static int read_item(cors_str_t item, const cors_suffixes_t *suffixes,
                     cors_pattern_t *pattern, cors_reading_t *reading)
{
    static const cors_str_t none = CORS_STR("none");
    size_t i;

    reading->text[0] = '\0';
    reading->rule = *item.p == '+' || *item.p == '-'
        ? "must be written without a sign"
        : cors_str_ieq(item, none)
        ? "must not stand in a file; leave the file empty" : NULL;
    for (i = 0; i < item.n && reading->rule == NULL; i++) {
        if (is_blank(item.p[i])) {
            reading->rule = "must be one item; write each on its own line";
        }
    }
    return reading->rule == NULL
        && cors_pattern_parse(item, suffixes, pattern, reading);
}

int cors_lines_read(apr_pool_t *pool, cors_str_t text, const char *name,
                    const cors_suffixes_t *suffixes, cors_origin_set_t *set,
                    cors_fault_t *fault)
{
    static const char mark[] = "\xef\xbb\xbf";
    cors_place_t place = { name, 0 };
    cors_str_t line;

    if (text.n >= 3 && memcmp(text.p, mark, 3) == 0) {
        text = cors_str_sub(text, 3, text.n);
    }
    while (next_line(&text, &line)) {
        const cors_str_t item = item_of(line);
        cors_pattern_t pattern;

        place.line++;
        if (item.n == 0) {
            continue;
        }
        if (!read_item(item, suffixes, &pattern, &fault->reading)) {
            fault->line = place.line;
            fault->item = item;
            return 0;
        }
        pattern.text = item.p;
        if (!cors_str_is(item, fault->reading.text)) {
            char *mended = apr_palloc(pool, pattern.n);

            pattern.text = memcpy(mended, fault->reading.text, pattern.n);
        }
        pattern.facts |= CORS_ENTRY_GRANTS | CORS_ENTRY_LINE;
        cors_origin_set_add(pool, set, &pattern, place);
    }
    return 1;
}

int cors_lines_are_ended(cors_str_t text)
{
    return text.n > 0 && text.p[text.n - 1] == '\n';
}
