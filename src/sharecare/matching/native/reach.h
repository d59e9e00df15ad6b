/* Where the near ones lie: distances between cells, and the stretches of slots within a radius. */
enum { LEVELS = 3, COARSEST_M = 1000, ROWS_PER_DEGREE = 120, COLUMNS_PER_DEGREE = 80 }; /* as in mesh.py */
enum { Y_POLE = 90 * 960, X_AROUND = 360 * 640 }; /* as in grid.py */
enum { SIGNPOST = 64 }; /* as in slots.py */
enum { LEVEL_BIT = 60, ROW_BIT = 24, MIDDLE = 1 << 23 }; /* likewise */

static double distance_m(struct search *search, const struct look *look) {
    const struct columns *all = search->all;
    if (look->y == search->near_y && look->x == search->near_x) return search->near_m;
    int64_t north = look->y - search->y, middle = llabs(look->y + search->y), east = llabs(look->x - search->x);
    double measured = INFINITY; /* of what lies beyond a pole */
    if (middle <= 2 * Y_POLE)
        measured = hypot(all->metres_per_y[middle] * (double)north,
                         all->metres_per_x[middle] * (double)least(east, X_AROUND - east));
    /* The centre of a cell is an odd number of half its sides off the equator. */
    int64_t halvings = look->y & 1 ? 2 : look->y & 2 ? 1 : 0;
    search->near_y = look->y, search->near_x = look->x;
    return search->near_m = fmax(measured, COARSEST_M / 2 >> least(halvings, search->halvings));
}

/* Moves each of some places on by as many of the next `count` keys as are less than what is wanted there. All searches
 * go on side by side: each waits for memory at every step, and this way they wait together. */
static void move_on(const int64_t *keys, int64_t keys_count, int64_t count, const int64_t *wanted, int64_t *at,
                    int64_t searches) {
    while (count) {
        int64_t half = (count + 1) / 2;
        for (int64_t one = 0; one < searches; one++) {
            int64_t last = at[one] + half - 1;
            at[one] += last < keys_count && keys[last] < wanted[one] ? half : 0;
        }
        count -= half;
    }
}

/* Finds where each of some numbers would stand among the sorted slots' keys, and puts that in its place. Signposts,
 * every 64th key, stay in the processor's cache where the keys of a country do not. */
static bool lower_bounds(const struct columns *all, int64_t sorted, int64_t *wanted, int64_t searches) {
    if (!searches) return true;
    int64_t *at = calloc((size_t)searches, sizeof *at), signposts = (sorted + SIGNPOST - 1) / SIGNPOST;
    if (!at) return false;
    move_on(all->signpost, signposts, signposts, wanted, at, searches);
    for (int64_t one = 0; one < searches; one++) at[one] = most(at[one] - 1, 0) * SIGNPOST;
    move_on(all->key, sorted, SIGNPOST, wanted, at, searches);
    memcpy(wanted, at, (size_t)searches * sizeof *at);
    free(at);
    return true;
}

/* Stretches of cells or slots that follow each other: the first, and the one after the last, in turns. */
struct stretches {
    int64_t *bounds, count, room;
};

static bool add_stretch(struct stretches *all, int64_t first, int64_t after) {
    if (first >= after) return true;
    if (all->count == all->room) {
        int64_t room = 2 * all->room + 32;
        int64_t *moved = realloc(all->bounds, 2 * (size_t)room * sizeof *moved);
        if (!moved) return false;
        all->bounds = moved, all->room = room;
    }
    all->bounds[2 * all->count] = first, all->bounds[2 * all->count + 1] = after;
    all->count++;
    return true;
}

static double columns_within(const struct columns *all, int64_t middle, double north, double radius, int64_t half) {
    /* A centre of another level lies up to half a cell off the middle of its column; and a unit for what is rounded. */
    double east = sqrt(radius * radius - north * north) / all->metres_per_x[middle];
    return fmin(floor((east + (double)half + 1) / (double)(2 * half)), X_AROUND);
}

/* Cuts the circle around a request into stretches of numbered cells of one level, missing none. */
static bool cells_within(const struct search *search, int level, struct stretches *found) {
    const struct columns *all = search->all;
    int64_t half = COARSEST_HALF >> level, pole = 90 * (ROWS_PER_DEGREE << level),
            east = 180 * (COLUMNS_PER_DEGREE << level);
    double radius = search->radius_m;
    int64_t furthest = (int64_t)fmin(radius / all->metres_per_y[0], 2 * Y_POLE) + 2 * half;
    int64_t row = most(floor_div(search->y - furthest, 2 * half), -pole);
    int64_t after_row = least(floor_div(search->y + furthest, 2 * half) + 1, pole);
    int64_t column = floor_div(search->x, 2 * half);
    for (; row < after_row; row++) {
        int64_t y = (2 * row + 1) * half, middle = llabs(y + search->y);
        double north = all->metres_per_y[middle] * (double)(y - search->y);
        if (fabs(north) > radius) continue;
        int64_t reach = (int64_t)columns_within(all, middle, north, radius, half);
        int64_t base = ((int64_t)level << LEVEL_BIT) + ((row + MIDDLE) << ROW_BIT) + MIDDLE;
        int64_t first = column - reach, after = column + reach + 1;
        if (after - first >= 2 * east) first = -east, after = east;
        /* What goes beyond the date line goes on at its other side. */
        if (!add_stretch(found, base + most(first, -east), base + least(after, east)) ||
            !add_stretch(found, base - east, base + after - 2 * east) ||
            !add_stretch(found, base + first + 2 * east, base + east))
            return false;
    }
    return true;
}

static bool slots_within(const struct search *search, struct stretches *found) {
    const struct query *query = search->query;
    if (!(search->radius_m >= 0) || llabs(search->y) > Y_POLE) return true;
    for (int level = 0; level < LEVELS; level++)
        if (query->cell_levels >> level & 1 && !cells_within(search, level, found)) return false;
    return lower_bounds(search->all, query->sorted, found->bounds, 2 * found->count);
}
