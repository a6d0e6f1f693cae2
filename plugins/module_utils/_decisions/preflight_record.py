# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a preflight was answered, as a record for a bug report that names nobody, and that the simulator can load. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .preflight_anonymous import Anonymizer, known_sentence

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .preflight_facts import Finding

Document = dict[str, t.Any]

FORMAT = 1
# Parameters of requests whose values are the collection's own.
_OWN_PARAMETERS = ("limit", "offset", "expand", "dryRun")
_RULE = ("_id", "clauses", "description", "disabled")
_CLAUSE = ("attribute", "op", "values", "negate", "contextKind")


@dataclass(frozen=True)
class Answered:
    """One request and its answer. `words` are the parts of the path, each with whether it is a word of the API.

    `status` is None where no answer came, `body` where it was no JSON.
    """

    method: str
    words: tuple[tuple[str, bool], ...]
    parameters: tuple[tuple[str, str], ...]
    status: int | None
    limits: tuple[str, ...] = ()
    body: t.Any = None

    def matches(self, *pattern: str) -> list[str] | None:
        """The keys in the path, None for another path. `*` stands for a key."""
        parts = [part for part, _is_word in self.words]
        shape = ["api", "v2", *pattern]
        fits = len(parts) == len(shape) and all(want in ("*", part) for want, part in zip(shape, parts))
        if not fits or self.method != "GET" or self.status != 200 or not isinstance(self.body, dict):
            return None
        return [part for want, part in zip(shape, parts) if want == "*"]


def record_of(
    answers: Sequence[Answered], findings: Sequence[Finding], versions: Mapping[str, str], now: int
) -> Document:
    anonymizer = Anonymizer(now)
    return {
        "record": {
            "format": FORMAT,
            "versions": dict(versions),
            "checks": [{"check": item.check, "status": item.status.value} for item in findings],
            "answers": [_answer(item, anonymizer) for item in answers],
        },
        "projects": _Projects(answers, anonymizer).build(),
    }


def _answer(answered: Answered, anonymizer: Anonymizer) -> Document:
    parameters = {
        name: value if name in _OWN_PARAMETERS else anonymizer.name(value) for name, value in answered.parameters
    }
    found: Document = {
        "method": answered.method,
        "path": "/".join(part if is_word else anonymizer.name(part) for part, is_word in answered.words),
        "parameters": parameters,
        "status": answered.status,
        "limits": list(answered.limits),
    }
    if not isinstance(answered.body, dict) or _is_list_of_keys(answered):
        return found
    body = anonymizer.document(answered.body)
    sentence = known_sentence(answered.body.get("message"))
    is_error = answered.status is not None and answered.status >= 400
    if is_error:
        body.pop("id", None)
        if sentence is not None:
            body["message"] = sentence
    return {**found, "body": body}


def _is_list_of_keys(answered: Answered) -> bool:
    """Of all projects or flags, which say nothing about this release but how many there are."""
    return answered.matches("projects") is not None or answered.matches("flags", "*") is not None


class _Projects:
    """The answers as a state of the simulator's."""

    def __init__(self, answers: Sequence[Answered], anonymizer: Anonymizer) -> None:
        self._answers = answers
        self._anonymizer = anonymizer
        self._projects: Document = {}

    def build(self) -> Document:
        flag_path = ("projects", "*", "flags", "*")
        in_environment = (*flag_path, "environments", "*")
        for answered in self._answers:
            for pattern, take in (
                (("flags", "*", "*"), self._flag),
                (("flags", "*", "*", "release"), self._release),
                (("projects", "*", "release-pipelines", "*"), self._pipeline),
                (("projects", "*", "environments", "*"), self._environment),
                ((*in_environment, "releases"), self._environment_releases),
                ((*in_environment, "approval-requests"), self._approval_requests),
                ((*in_environment, "scheduled-changes"), self._scheduled_changes),
            ):
                keys = answered.matches(*pattern)
                if keys is not None:
                    project_key, *rest = (self._anonymizer.name(key) for key in keys)
                    take(self._project(project_key), rest, self._anonymizer.document(answered.body))
        # Nothing can be in an environment or about a flag that is not there.
        return {key: _consistent(project) for key, project in self._projects.items()}

    def _project(self, key: str) -> Document:
        fresh: Document = {
            "environments": {},
            "flags": {},
            "pipelines": {},
            "releases": {},
            "environmentReleases": [],
            "approvalRequests": [],
            "scheduledChanges": [],
        }
        found: Document = self._projects.setdefault(key, fresh)
        return found

    def _flag(self, project: Document, keys: list[str], body: Document) -> None:
        environments = {key: _targeting(item) for key, item in (body.get("environments") or {}).items()}
        for key in environments:
            project["environments"].setdefault(key, {})
        variations = [_only(item, "_id", "name", "value") for item in body.get("variations") or ()]
        kept = {
            **_only(body, "archived", "tags"),
            **({"variations": variations} if variations else {}),
            "environments": environments,
        }
        # The flag is also read without a choice of environments; what was seen first says more.
        project["flags"].setdefault(keys[0], kept)

    def _release(self, project: Document, keys: list[str], body: Document) -> None:
        project["releases"][keys[0]] = _only(
            body, "name", "releasePipelineKey", "phases", "_releaseVariationId", "_canceledAt"
        )

    def _pipeline(self, project: Document, keys: list[str], body: Document) -> None:
        phases = [
            {**_only(phase, "id", "name"), "audiences": [_audience(item) for item in phase.get("audiences") or ()]}
            for phase in body.get("phases") or ()
        ]
        legacy = {"isLegacy": True} if body.get("_isLegacy") is True else {}
        project["pipelines"][keys[0]] = {**_only(body, "name"), **legacy, "phases": phases}

    def _environment(self, project: Document, keys: list[str], body: Document) -> None:
        settings = _only(body.get("approvalSettings") or {}, "required", "requiredApprovalTags", "minNumApprovals")
        project["environments"][keys[0]] = {"approvalSettings": settings}

    def _environment_releases(self, project: Document, keys: list[str], body: Document) -> None:
        for item in body.get("items") or ():
            given = {name: value for name, value in item.items() if value is not None}
            project["environmentReleases"].append({**given, "flagKey": keys[0], "environmentKey": keys[1]})

    def _approval_requests(self, project: Document, keys: list[str], body: Document) -> None:
        for item in body.get("items") or ():
            kept = _only(
                item, "_id", "status", "reviewStatus", "creationDate", "appliedDate", "serviceKind", "description"
            )
            # What they would change is in the answers; a placeholder cannot be carried out.
            project["approvalRequests"].append(
                {**kept, "flagKey": keys[0], "environmentKey": keys[1], "instructions": []}
            )

    def _scheduled_changes(self, project: Document, keys: list[str], body: Document) -> None:
        for item in body.get("items") or ():
            kept = _only(item, "_id", "executionDate")
            if "executionDate" in kept:
                project["scheduledChanges"].append({**kept, "flagKey": keys[0], "environmentKey": keys[1]})


def _only(document: Document, *names: str) -> Document:
    return {name: document[name] for name in names if document.get(name) is not None}


def _targeting(body: Document) -> Document:
    rules = [
        {
            **_only(rule, *_RULE),
            **_serving(rule),
            "clauses": [_only(item, *_CLAUSE) for item in rule.get("clauses") or ()],
        }
        for rule in body.get("rules") or ()
        if _serving(rule)
    ]
    kinds = (body.get("evaluation") or {}).get("contextKinds")
    serving = _serving(body.get("fallthrough") or {})
    return {
        **_only(body, "on", "offVariation"),
        **({"fallthrough": serving} if serving else {}),
        **({} if kinds is None else {"contextKinds": kinds}),
        "rules": rules,
    }


def _serving(document: Document) -> Document:
    """A variation or a rollout: the simulator takes one of them."""
    return _only(document, "rollout") or _only(document, "variation")


def _audience(body: Document) -> Document:
    key = (body.get("environment") or {}).get("key")
    # An audience whose environment the state does not have looks as if it was deleted.
    return {"environmentKey": key or "deleted", **_only(body, "name", "segmentKeys", "configuration")}


def _consistent(project: Document) -> Document:
    for pipeline in project["pipelines"].values():
        for audience in (item for phase in pipeline["phases"] for item in phase["audiences"]):
            if audience["environmentKey"] != "deleted":
                project["environments"].setdefault(audience["environmentKey"], {})
    for name in ("environmentReleases", "approvalRequests", "scheduledChanges"):
        project[name] = [
            item
            for item in project[name]
            if item["flagKey"] in project["flags"] and item["environmentKey"] in project["environments"]
        ]
    return project
