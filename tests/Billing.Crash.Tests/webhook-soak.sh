#!/usr/bin/env bash
# 2,000 webhooks, each sent one to five times in no order, and every event out to a subscriber that fails a third of the time, while the
# process is killed at random moments; then every payment has to be there once, with all that was told about it, and the subscriber has
# to have every event, an account's in order. usage: webhook-soak.sh [WEBHOOKS (2000)] [KILLS (20)] [SEED (1)]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec dotnet run --configuration Release --project tests/Billing.Crash.Tests -- webhooks "$@"
