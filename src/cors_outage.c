/* Licensed under the Apache License, Version 2.0; see LICENSE. */
#include "cors_outage.h"

#include <apr_atomic.h>
#include <http_log.h>

#include "cors_log.h"

APLOG_USE_MODULE(cors);

/* Never 0. The numbers come round after weeks; their differences count. */
static apr_uint32_t now(void)
{
    return (apr_uint32_t)apr_time_as_msec(apr_time_now()) | 1;
}

int cors_outage_lets(cors_outage_t *outage)
{
    const apr_uint32_t tried = apr_atomic_read32(&outage->tried);
    apr_uint32_t time;

    if (tried == 0) {
        return 1;
    }
    time = now();
    return time - tried >= CORS_OUTAGE_PAUSE
        && apr_atomic_read32(&outage->inside) < CORS_OUTAGE_INSIDE
        && apr_atomic_cas32(&outage->tried, time, tried) == tried;
}

int cors_outage_is(cors_outage_t *outage)
{
    return apr_atomic_read32(&outage->tried) != 0;
}

void cors_outage_enter(cors_outage_t *outage)
{
    apr_atomic_inc32(&outage->inside);
}

int cors_outage_enter_by(cors_outage_t *outage, apr_time_t deadline)
{
    apr_uint32_t inside = apr_atomic_read32(&outage->inside);

    while (inside >= CORS_OUTAGE_INSIDE
           || apr_atomic_cas32(&outage->inside, inside + 1, inside)
              != inside) {
        if (inside >= CORS_OUTAGE_INSIDE) {
            if (apr_time_now() >= deadline) {
                return 0;
            }
            apr_sleep(apr_time_from_msec(1));
        }
        inside = apr_atomic_read32(&outage->inside);
    }
    return 1;
}

void cors_outage_leave(cors_outage_t *outage)
{
    apr_atomic_dec32(&outage->inside);
}

void cors_outage_begin(cors_outage_t *outage, server_rec *s,
                       const char *reason)
{
    apr_atomic_set32(&outage->tried, now());
    cors_outage_tell(outage, s, reason);
}

void cors_outage_tell(cors_outage_t *outage, server_rec *s,
                      const char *reason)
{
    if (cors_log_is_due(&outage->told)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s, "%s cannot answer: %s; "
                     "origins that need it are refused until it can",
                     outage->what, reason);
    }
}

void cors_outage_end(cors_outage_t *outage, server_rec *s)
{
    if (apr_atomic_read32(&outage->tried) != 0
        && apr_atomic_xchg32(&outage->tried, 0) != 0) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, "%s answers again",
                     outage->what);
    }
}
