#include "replay/rehearse/plan.hpp"

namespace understudy {

std::string plan_template() {
  return R"(# A rehearsal. Only the keys without a comment sign are wanted; the others show their defaults or an example.
# understudy-replay rehearse plan.toml --check says what would happen; docs/rehearsal.md explains each key.
name = "Orders: real types and a compound key"

[baseline]                     # the build of today, with a clone of production's data
url = "http://baseline.test:8080"
# environment = "http://baseline.test:8080"   # where /health and its like are; "none": they are not asked
# header = ["Authorization: Bearer ..."]      # for the environment's endpoints; "@FILE" reads such lines from a file
# expect-version = "1.0.16209.8792"
# database = "postgres://observer@db.test/baseline"
database-env = "BASELINE_DATABASE"            # the variable that holds it, so that no password is in a file
# device = "auto"              # the disk below the data folder; or /dev/loop0; or "none"
# log-file = ""                # csvlog or jsonlog of the server, for times of each statement and for routes
# clone = ""                   # a command that makes the data, once
# restart = ""                 # a command before each run: both sides begin with the same caches
# cache-reset = ""             # another one, after it
# [baseline.cloudwatch]        # the disk of an RDS instance
# region = "eu-west-1"
# instance = "baseline"

[candidate]                    # the build of tomorrow, with a clone of the same data
url = "http://candidate.test:8080"
database-env = "CANDIDATE_DATABASE"
# migrate = "psql -f migrate.sql"             # once, after clones; output and duration are kept

# [[clone]]                    # asked of an environment's /clone, in this order
# on = "candidate"
# id = "orders-7"
# kind = "postgres"            # or "s3": then bucket, prefix and endpoint in place of database
# method = "template"          # basebackup, dump
# after = ["migrate"]
# source = { database = "prod_copy", credential-ref = "prod" }
# destination = { database = "candidate", credential-ref = "test" }

[traffic]                      # and any flag of `run` about recordings: from, until, key-file
recording = ["monday.take"]

[pacing]                       # any flag of `run` about pacing: speed, rate, loop, duration, count, seed
rate = "30/s"
duration = "1m"
loop = true

# [sessions]                   # connections, threads, carry, token-header, ...
# [rules]                      # allow, deny, set-header, ...
# [comparison]                 # compare = true: answers are compared with the recorded ones
# [connection]                 # allow-writes = true, proxy, ca-file, response-timeout, ...

[pairs]
# count = 8                    # pairs of a baseline's and a candidate's run; 6 are the least for a verdict
# aa = 2                       # pairs of two runs of the baseline, in front: the noise
# warm-up = "10s"              # of the same traffic, before each run; not measured
# repeats-max = 3              # of a run that maintenance stopped

[verdict]
# fail-if = ["p99 > 250ms"]    # objectives of the candidate's runs: docs/objectives.md
# margin = 1.1                 # up to this ratio nothing changed
# alpha = 0.05
# pairs-needed = 6
# requests-min = 100           # answered, in each run
# rate-share-min = 0.95        # of the rate that was wanted
data-cache-ratio = 6.0         # production's data divided by its cache (shared_buffers, or memory where that is it)
# data-cache-factor = 1.5      # how far this stack may be from it

[environment]
# polls = 3                    # healthy ones in a row
# interval = "1s"
# wait = "5m"
# unfit-max = 3                # unfit polls in a row that end the rehearsal
# maintenance = false          # the candidate is in maintenance while it is cloned and migrated
# tests = false                # compare /test
# statistics = false           # compare /admin/statistics
# statistics-rules = ["/requests/** = monotone"]
# command-timeout = "1h"

# [forecast]                   # burst credits of production's volume
# volume = "gp2:100GiB"
# rds = false
# burst-balance = "100%"
# scale = 1.0                  # production's load divided by the rehearsal's

# [trace]                      # the application puts this key into SQL comments: queries are told by route
# comment-key = "traceparent"
# header = "traceparent"
)";
}

}  // namespace understudy
