/* Ranking one request on the columns that the index keeps: reach, limits, ties, time, order.
 *
 * Nothing is kept from one call to the next, and no column is written to. The files below are read in this order and
 * compiled as one; kernel.py owns the memory, hatch_build.py compiles, docs/decisions/0021-kernel.md says why.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}
static int64_t modulo(int64_t a, int64_t b) {
    return a % b + (a % b < 0 ? b : 0);
}
static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}
static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* What does nothing but fetch: GCC leaves out calls of such a function, for it changes nothing. */
#define FETCHING static inline __attribute__((always_inline)) void

/* Fetches a line of memory that will be read soon. */
FETCHING fetch(const void *at) {
    __builtin_prefetch(at);
}

#include "layout.h"
#include "ties.h"
#include "minutes.h"
#include "search.h"
#include "reach.h"
#include "hours.h"
#include "candidate.h"
#include "best.h"
#include "sieve.h"

#define EXPORTED __attribute__((visibility("default")))

/* Writes the best asks in order, then the best suggestions; `out` has room for two times `top`, or for all slots twice
 * if those are fewer. Returns how many asks there are above how many there are of both, 32 bits each; -1 if memory is
 * short. */
EXPORTED int64_t sharecare_rank(const struct columns *all, const struct query *query, struct found *out) {
    struct search search;
    struct batch batch;
    batch.count = 0;
    struct results results = {{.top = query->top}, {.top = query->top}};
    struct best *asks = &results.asks, *suggestions = &results.suggestions;
    bool done = begin(&search, all, query) && find(&search, &batch, &results) && flush(&search, &batch, &results);
    if (done) {
        sort(&search, asks), sort(&search, suggestions);
        if (asks->count) memcpy(out, asks->at, (size_t)asks->count * sizeof *out);
        if (suggestions->count) memcpy(out + asks->count, suggestions->at, (size_t)suggestions->count * sizeof *out);
    }
    int64_t counts = asks->count << 32 | (asks->count + suggestions->count);
    end(&search);
    free(asks->at), free(suggestions->at);
    return done ? counts : -1;
}

/* Writes how each of some slots stands to the request, whether it fits or not. 0, or -1 if memory is short. */
EXPORTED int64_t sharecare_describe(const struct columns *all, const struct query *query, const int64_t *slots,
                                    int64_t count, struct found *out) {
    struct search search;
    bool done = begin(&search, all, query);
    for (int64_t at = 0; done && at < count; at++) {
        place(&search, slots[at], tie_of(&search.ties, all->standing[slots[at]].person), &out[at]);
        out[at].distance_m = distance_m(&search, &all->look[slots[at]]);
        out[at].free_minutes = free_minutes(&search, slots[at], 1);
        done = out[at].free_minutes >= 0;
        if (done) weigh(&search, &out[at]);
    }
    end(&search);
    return done ? 0 : -1;
}

/* Writes when in the window a slot is free, as far as `out` has room. Returns how many spans there are; -1 if memory is
 * short. */
EXPORTED int64_t sharecare_free_spans(const struct columns *all, const struct query *query, int64_t slot,
                                      struct span *out, int64_t room) {
    struct search search;
    int64_t count = begin(&search, all, query) && free_minutes(&search, slot, 0) >= 0 ? search.rest.count : -1;
    if (count > 0) memcpy(out, search.rest.at, (size_t)least(count, room) * sizeof *out);
    end(&search);
    return count;
}

/* Of which files this was compiled; hatch_build.py tells. */
EXPORTED const char *const sharecare_source = SHARECARE_SOURCE;

_Static_assert(sizeof(struct query) == 31 * 8 && sizeof(struct found) == 11 * 8 && sizeof(struct columns) == 29 * 8 &&
                   sizeof(struct look) == 64,
               "kernel.py lays them out in words");
