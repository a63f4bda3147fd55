/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_list.h"

const cors_list_t *cors_list_merge(apr_pool_t *pool, const cors_list_t *outer,
                                   const cors_list_t *inner)
{
    cors_list_t *both;

    if (outer == NULL || (inner != NULL && inner->replaces)) {
        return inner;
    }
    if (inner == NULL) {
        return outer;
    }
    both = apr_palloc(pool, sizeof(*both));
    both->outer = outer;
    both->inner = inner;
    both->facts = outer->facts | inner->facts;
    both->replaces = outer->replaces;
    both->place = inner->place;
    return both;
}

const void *cors_list_ask_merged(const cors_list_t *list,
                                 cors_list_asker_t ask, void *context)
{
    while (list != NULL && list->inner != NULL) {
        /* As deep as sections nest, which httpd bounds by the path. */
        const void *answer = cors_list_ask(list->inner, ask, context);

        if (answer != NULL) {
            return answer;
        }
        list = list->outer;
    }
    return cors_list_ask(list, ask, context);
}
