#!/bin/sh
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# On the machine without a network, in the unpacked bundle:  ./install.sh /opt/releases
# Installs Ansible into env, and the collection into collections, in that folder.
set -eu
mkdir -p "$1"
place=$(cd "$1" && pwd)
cd "$(dirname "$0")"

sha256sum --check --quiet SHA256SUMS
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --no-index --find-links wheels --requirement requirements.txt
cd collections
"$place/env/bin/ansible-galaxy" collection install --offline --requirements-file requirements.yml --collections-path "$place/collections"
