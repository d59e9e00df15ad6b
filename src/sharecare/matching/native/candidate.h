/* How one slot stands to the request. */
static const double BILLION = 1e9;

/* Puts a slot's holder into the innermost circle they stand in. */
static void place(const struct search *search, int64_t slot, const struct tie *tie, struct found *found) {
    const struct standing *standing = &search->all->standing[slot];
    double doubt = tie->person ? tie->doubt : 1.0;
    int circle = tie->person ? tie->circle : ANYONE;
    for (int64_t at = 0; at < search->ties.crowds; at++) {
        int64_t community = search->ties.crowd[at];
        if (!is_member(search->all, community, standing->person)) continue;
        if (circle > FRIENDS_OF_FRIENDS) circle = FRIENDS_OF_FRIENDS;
        doubt *= 1 - search->all->community_weight[community];
    }
    if (circle == ANYONE && standing->certified_until >= search->query->end) circle = OPEN;
    found->slot = slot, found->circle = circle, found->trust = 1 - doubt;
}

static void weigh(struct search *search, struct found *found) {
    const struct query *query = search->query;
    found->person_id = search->all->look[found->slot].person_id;
    found->distance = exp(found->distance_m / -query->scale_m);
    found->availability = (double)found->free_minutes / (double)(query->end - query->start);
    found->score = query->distance_weight * found->distance + query->trust_weight * found->trust +
                   query->availability_weight * found->availability;
    found->billionths = llrint(found->score * BILLION);
    found->booked = -1;
}

/* Whether the ties, the level and the certificates of a slot's holder let them be found. */
static bool qualified(const struct search *search, int64_t slot, struct found *found) {
    const struct query *query = search->query;
    const struct standing *standing = &search->all->standing[slot];
    /* Most are strangers without a certificate. */
    if (query->circle < ANYONE && standing->certified_until < query->end && !search->ties.crowds &&
        !may_be_tied(&search->ties, standing->person))
        return false;
    const struct tie *tie = tie_of(&search->ties, standing->person);
    if (tie->person && tie->shut) return false;
    place(search, slot, tie, found);
    if (found->circle > query->circle) return false;
    int64_t level = search->levels[found->circle];
    if (!level && !query->needs_notification) return true;
    const struct look *look = &search->all->look[slot];
    int64_t held = (look->identified_until >= query->end) + (look->trained_until >= query->end) +
                   (standing->certified_until >= query->end);
    if (held < level) return false;
    return !query->needs_notification || found->circle == FRIENDS || look->notified_until >= query->end;
}

/* Whether they are near enough, of another household, and old enough; nobody finds themselves. */
static bool allowed(struct search *search, struct found *found) {
    const struct query *query = search->query;
    const struct look *look = &search->all->look[found->slot];
    found->distance_m = distance_m(search, look);
    return found->distance_m <= look->radius_m && found->distance_m <= query->max_distance_m &&
           look->household_id != query->household_id && look->birth_day <= query->born_by_day &&
           found->slot != search->own;
}
