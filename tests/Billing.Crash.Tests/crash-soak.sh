#!/usr/bin/env bash
# Visits every crash point many times, each time at another passing, with kills at random moments in addition, and prints
# a table. usage: crash-soak.sh [VISITS OF EACH (20)] [MINUTES AFTER WHICH NO FURTHER VISIT BEGINS (25)]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec dotnet run --configuration Release --project tests/Billing.Crash.Tests -- "$@"
