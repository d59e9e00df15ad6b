/* One request on its way, and how it is laid out for those it passes. */
enum { COARSEST_DIGITS = 8, COARSEST_HALF = 4 }; /* as in mesh.py and grid.py */

struct search {
    const struct columns *all;
    const struct query *query;
    const int64_t *first_piece; /* by zone */
    const struct piece *pieces;
    int64_t y, x, halvings; /* of the request's cell */
    double radius_m; /* nobody further away can be found */
    int64_t levels[4]; /* asked in each circle */
    struct ties ties;
    int64_t own; /* the requester's own slot, or -1 */
    uint64_t days; /* of the window and the buffer around it */
    const uint64_t *week; /* by zone */
    int64_t near_y, near_x; /* the centre that was measured last, and how far it is */
    double near_m;
    struct spans offered, taken, rest;
};

static bool begin(struct search *search, const struct columns *all, const struct query *query) {
    const int64_t *first_piece = (const int64_t *)(query + 1);
    const struct piece *pieces = (const struct piece *)(first_piece + query->zones + 1);
    int64_t halvings = query->cell_digits - COARSEST_DIGITS, half = COARSEST_HALF >> halvings;
    *search = (struct search){
        .all = all,
        .query = query,
        .first_piece = first_piece,
        .pieces = pieces,
        .y = (2 * query->cell_row + 1) * half,
        .x = (2 * query->cell_column + 1) * half,
        .halvings = halvings,
        .radius_m = fmin(query->max_distance_m, query->widest_m),
        .own = query->requester < 0 ? -1 : all->place[query->requester] - 1,
        .days = day_bits(query->start - query->buffer, query->end + query->buffer),
        .near_y = INT64_MAX,
    };
    for (int circle = FRIENDS; circle <= ANYONE; circle++)
        search->levels[circle] = most(query->min_level, query->circle_levels[circle < ANYONE ? circle : OPEN]);
    uint64_t *week = calloc((size_t)query->zones + 1, sizeof *week);
    search->week = week;
    if (!week) return false;
    for (int64_t zone = 0; zone < query->zones; zone++)
        for (int64_t at = first_piece[zone]; at < first_piece[zone + 1]; at++) week[zone] |= week_bits(&pieces[at]);
    return read_ties(&search->ties, all, query, (const int64_t *)(pieces + first_piece[query->zones]));
}

static void end(struct search *search) {
    free((void *)search->week);
    free(search->ties.places), free(search->ties.crowd);
    free(search->offered.at), free(search->taken.at), free(search->rest.at);
}
