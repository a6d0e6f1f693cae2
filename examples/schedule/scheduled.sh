#!/bin/sh
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs a command for cron:  scheduled.sh NAME COMMAND ...
# Not while the command of the same name still runs; and it prints something only when the command fails, since cron mails what is printed.
set -eu
cd "$(dirname "$0")"

exec 9> ".$1.lock"
flock --nonblock 9 || exit 0
shift

set -a
# shellcheck source=/dev/null
. ./token.env
set +a
export ANSIBLE_COLLECTIONS_PATH="$PWD/collections"

code=0
output=$("$@" 2>&1) || code=$?
[ "$code" -eq 0 ] || printf '%s\n' "$output" "Exit code $code"
exit "$code"
