#!/bin/sh
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On a machine with a network:  bundle.sh [COLLECTION]
# Writes launchdarkly-bundle.tar.gz, with all that install.sh needs. Its Python and its platform have to be those of the other machine.
# COLLECTION is what ansible-galaxy takes, such as flagops.launchdarkly:0.9.0, or the file of a collection.
set -eu
here=$(dirname "$0")
collection=${1:-flagops.launchdarkly}

mkdir launchdarkly-bundle
python3 -m pip download --only-binary :all: --dest launchdarkly-bundle/wheels --requirement "$here/requirements.txt"
ansible-galaxy collection download "$collection" --download-path launchdarkly-bundle/collections
cp "$here/requirements.txt" "$here/install.sh" launchdarkly-bundle/
(cd launchdarkly-bundle && find . -type f -exec sha256sum {} +) > SHA256SUMS
mv SHA256SUMS launchdarkly-bundle/
tar -czf launchdarkly-bundle.tar.gz launchdarkly-bundle
sha256sum launchdarkly-bundle.tar.gz
