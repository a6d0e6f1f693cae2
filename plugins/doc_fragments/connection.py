# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This documentation fragment is PRIVATE to the collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  access_token:
    description:
      - A LaunchDarkly personal or service access token. It begins with V(api-); SDK keys, mobile keys and client-side IDs do not work.
      - White space at its ends is removed.
      - If not set, the environment variables E(LAUNCHDARKLY_ACCESS_TOKEN) and E(LD_ACCESS_TOKEN) are used, in this order.
    type: str
    required: true
  api_host:
    description:
      - The LaunchDarkly instance that the token belongs to, as a host without a path. A bare host means https.
      - The European Union instance is V(https://app.eu.launchdarkly.com), the United States federal instance V(https://app.launchdarkly.us).
      - Plain http is accepted for loopback addresses only.
      - If not set, the environment variable E(LAUNCHDARKLY_API_HOST) is used.
    type: str
    default: https://app.launchdarkly.com
  http_timeout:
    description:
      - The time that one request may take to connect, and then from its first byte to the last byte of the answer, before it counts as failed.
      - In seconds, or with a unit, such as V(90s) or V(2m).
    type: raw
    default: 20
  max_retries:
    description:
      - How often one call may be repeated after a failure that can pass (a cut connection, a time-out, a 5xx status,
        a rate limit, C(optimistic_locking_error)).
      - A request that changes something is repeated only after the release was read, for up to 10 seconds where the answer was lost, and
        does not show the change.
    type: int
    default: 6
  retry_timeout:
    description:
      - The time that one call may spend on repeating, and on waiting for room in a rate limit, in seconds or with a unit, such as V(90s),
        V(15m) or V(2h).
      - A rate limit that asks for a longer pause than is left fails at once and says when to come back.
    type: raw
    default: 120
  validate_certs:
    description:
      - Whether TLS certificates are verified. Set this to V(false) in a closed test environment only.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a file or folder with the certificate authorities to trust, on the machine that runs the task.
      - If not set, the environment variables E(REQUESTS_CA_BUNDLE) and E(SSL_CERT_FILE) are used, in this order.
    type: path
notes:
  - All tasks with the same token on the same machine share what LaunchDarkly's answers said about its rate limits, and wait before a limit is
    reached. Without such headers, nothing waits.
  - Proxies are read from the usual environment variables (E(HTTPS_PROXY), E(NO_PROXY) and so on), the task's C(environment) included.
    E(NO_PROXY) may hold names, addresses and ranges of addresses. Proxies are never used for loopback addresses.
  - A module with a local connection runs inside the Ansible controller's own process, with the controller's Python. It runs as an ordinary
    module with any other connection, with C(become), with C(async), and when the variable C(launchdarkly_in_process) is V(false).
    Both return the same result.
requirements:
  - requests
  - pydantic >= 2
"""

    # For plugins, whose environment variables Ansible itself reads. It goes before the other fragment, since what comes first wins.
    # A missing token is refused in the collection's own words.
    PLUGIN = r"""
options:
  access_token:
    required: false
    env:
      - name: LAUNCHDARKLY_ACCESS_TOKEN
      - name: LD_ACCESS_TOKEN
  api_host:
    env:
      - name: LAUNCHDARKLY_API_HOST
"""
