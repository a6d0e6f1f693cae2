# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LaunchDarkly's own client, connected to a simulator: it must know every field of each answer."""

from __future__ import annotations

import json
from typing import Any

import launchdarkly_api

SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class Caller:
    """Calls operations by the client's names for them."""

    def __init__(self, client: launchdarkly_api.ApiClient) -> None:
        self.operations: set[str] = set()
        self._apis = [
            launchdarkly_api.ReleasePipelinesDeprecatedApi(client),
            launchdarkly_api.FeatureFlagsApi(client),
            launchdarkly_api.ApprovalsApi(client),
            launchdarkly_api.EnvironmentReleasesBetaApi(client),
            launchdarkly_api.EnvironmentsApi(client),
            launchdarkly_api.SegmentsApi(client),
            launchdarkly_api.AuditLogApi(client),
            launchdarkly_api.OtherApi(client),
            launchdarkly_api.ProjectsApi(client),
            launchdarkly_api.ScheduledChangesApi(client),
        ]

    def __call__(self, operation: str, *arguments: Any, **options: Any) -> Any:
        self.operations.add(operation)
        api = next(api for api in self._apis if hasattr(api, operation))
        answer = getattr(api, f"{operation}_with_http_info")(*arguments, **options)
        if answer.data is None:
            assert answer.raw_data == b""
        else:
            assert_known(answer.data, json.loads(answer.raw_data))
        return answer


class SemanticPatch(launchdarkly_api.PatchWithComment):
    """A body that the client has no type for: for PATCH it knows JSON patches only."""

    body: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.body


def semantic_patch(**body: Any) -> SemanticPatch:
    return SemanticPatch(patch=[], body=body)


def operations_of(api: type) -> set[str]:
    names = {name for name in vars(api) if not name.startswith("_")}
    return {name for name in names if not name.endswith(("_with_http_info", "_without_preload_content"))}


def assert_known(model: Any, document: Any, where: str = "answer") -> None:
    """Assert that the model holds every field of the document, at every depth."""
    if isinstance(document, list):
        assert len(model) == len(document)
        for index, (item, part) in enumerate(zip(model, document)):
            assert_known(item, part, f"{where}[{index}]")
    elif isinstance(document, dict) and hasattr(type(model), "model_fields"):
        names = {field.alias or name: name for name, field in type(model).model_fields.items()}
        assert set(document) <= set(names), f"{where} has fields that {type(model).__name__} does not know"
        for alias, part in document.items():
            assert_known(getattr(model, names[alias]), part, f"{where}.{alias}")
    elif isinstance(document, dict):
        assert set(model) == set(document)
        for name, part in document.items():
            assert_known(model[name], part, f"{where}.{name}")
