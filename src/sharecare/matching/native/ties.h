/* Whom a requester is tied to, whom they never find: people by number. */
static const double THROUGH_A_FRIEND = 0.5;

struct tie {
    int32_t person; /* counted from 1: 0 is an empty place */
    uint8_t circle;
    bool shut; /* never found */
    double doubt;
};

/* Open addressing, at most half full; bits that people share: whoever's is not set has no tie; and the requester's
 * communities that are too large to be read. */
struct ties {
    struct tie *places;
    uint64_t mask, hints[64];
    int64_t *crowd, crowds;
};

static uint64_t scatter(int64_t person) {
    return (uint64_t)person * 0x9E3779B97F4A7C15u >> 32;
}

static bool may_be_tied(const struct ties *ties, int64_t person) {
    uint64_t at = scatter(person);
    return ties->hints[at >> 6 & 63] >> (at & 63) & 1;
}

static struct tie *tie_of(const struct ties *ties, int64_t person) {
    uint64_t at = scatter(person);
    for (;; at++) {
        struct tie *tie = &ties->places[at & ties->mask];
        if (tie->person == person + 1 || !tie->person) return tie;
    }
}

static struct tie *tie_to(struct ties *ties, int64_t person) {
    struct tie *tie = tie_of(ties, person);
    if (!tie->person) {
        *tie = (struct tie){(int32_t)(person + 1), ANYONE, false, 1.0};
        uint64_t at = scatter(person);
        ties->hints[at >> 6 & 63] |= UINT64_C(1) << (at & 63);
    }
    return tie;
}

static void tied(struct ties *ties, int64_t person, int circle, double strength) {
    struct tie *tie = tie_to(ties, person);
    if (circle < tie->circle) tie->circle = (uint8_t)circle;
    tie->doubt *= 1 - strength;
}

static int64_t first_of(struct row row) {
    return row.end - row.count;
}

static bool across_a_block(const struct columns *all, int64_t one, int64_t other) {
    if (!(all->flags[one] & HAS_BLOCKS)) return false;
    struct row row = all->block_rows[one];
    for (int64_t at = first_of(row); at < row.end; at++)
        if (all->blocked[at] == other) return true;
    return false;
}

/* Suspended people, and links across a block, count for nothing. */
static bool heard(const struct columns *all, int64_t one, int64_t other) {
    return !(all->flags[other] & SUSPENDED) && !across_a_block(all, one, other);
}

static bool make_room_for_ties(struct ties *ties, int64_t people) {
    uint64_t room = 16;
    while (room < 2 * (uint64_t)people) room *= 2;
    ties->places = calloc(room, sizeof *ties->places);
    ties->mask = room - 1;
    return ties->places;
}

static void read_communities(struct ties *ties, const struct columns *all, struct row mine, int64_t few) {
    for (int64_t at = first_of(mine); at < mine.end; at++) {
        int64_t community = all->communities[at];
        struct row row = all->member_rows[community];
        if (row.count > few) {
            ties->crowd[ties->crowds++] = community;
            continue;
        }
        for (int64_t in = first_of(row); in < row.end; in++)
            tied(ties, all->members[in], FRIENDS_OF_FRIENDS, all->community_weight[community]);
    }
}

static void read_friends(struct ties *ties, const struct columns *all, int64_t me) {
    struct row mine = all->friend_rows[me];
    for (int64_t at = first_of(mine); at < mine.end; at++) {
        int64_t friend = all->friends[at].person;
        if (!heard(all, me, friend)) continue;
        double half = THROUGH_A_FRIEND * all->friends[at].strength;
        bool blocks = all->flags[friend] & HAS_BLOCKS;
        struct row theirs = all->friend_rows[friend];
        for (int64_t on = first_of(theirs); on < theirs.end; on++)
            if (!blocks || !across_a_block(all, friend, all->friends[on].person))
                tied(ties, all->friends[on].person, FRIENDS_OF_FRIENDS, half * all->friends[on].strength);
        tied(ties, friend, FRIENDS, all->friends[at].strength);
    }
}

static bool read_ties(struct ties *ties, const struct columns *all, const struct query *query, const int64_t *away) {
    int64_t me = query->requester, people = query->away;
    struct row nothing = {0, 0}, blocks = nothing, friends = nothing, others = nothing, communities = nothing;
    if (me >= 0) {
        friends = all->friend_rows[me], others = all->other_rows[me], communities = all->community_rows[me];
        if (all->flags[me] & HAS_BLOCKS) blocks = all->block_rows[me];
    }
    people += blocks.count + friends.count + others.count;
    for (int64_t at = first_of(friends); at < friends.end; at++) fetch(&all->friend_rows[all->friends[at].person]);
    for (int64_t at = first_of(friends); at < friends.end; at++) {
        int64_t friend = all->friends[at].person;
        struct row row = all->friend_rows[friend];
        fetch(&all->flags[friend]), fetch(&all->friends[first_of(row)]), fetch(&all->friends[row.end]);
        people += row.count;
    }
    for (int64_t at = first_of(communities); at < communities.end; at++)
        people += least(all->member_rows[all->communities[at]].count, query->few);
    ties->crowd = malloc((size_t)(communities.count + 1) * sizeof *ties->crowd);
    if (!ties->crowd || !make_room_for_ties(ties, people)) return false;
    for (int64_t at = 0; at < query->away; at++)
        if (away[at] >= 0) tie_to(ties, away[at])->shut = true;
    for (int64_t at = first_of(blocks); at < blocks.end; at++) tie_to(ties, all->blocked[at])->shut = true;
    for (int64_t at = first_of(others); at < others.end; at++)
        if (heard(all, me, all->others[at].person))
            tied(ties, all->others[at].person, ANYONE, all->others[at].strength);
    read_communities(ties, all, communities, query->few);
    if (me >= 0) read_friends(ties, all, me);
    return true;
}

static bool is_member(const struct columns *all, int64_t community, int32_t person) {
    struct row row = all->member_rows[community];
    int64_t low = first_of(row), high = row.end;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (all->members[middle] < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row.end && all->members[low] == person;
}
