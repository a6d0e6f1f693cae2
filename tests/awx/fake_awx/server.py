# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests to the fake AWX, over HTTP or called.

with serving({"https://git.example.com/shop.git": ["release.yml"]}) as awx:
    ... CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=awx.token
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import (
    launches,
    lookups,
    projects,
    rules,
    surveys,
    workflows,
)
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import (
    APPROVALS,
    NO_PAGE,
    NODES,
    ROOT,
    Store,
    page,
)

Answer = tuple[int, Any]
Log = list[tuple[str, str, int]]


def writes(log: Log) -> list[str]:
    return [f"{method} {path}" for method, path, _status in log if method not in {"GET", "OPTIONS"}]


class Awx(Store):
    """`repositories` has the playbooks of each place that a project can come from."""

    def __init__(self, repositories: Mapping[str, Sequence[str]], token: str = "awx-token") -> None:  # noqa: S107  of a fake
        super().__init__()
        self.repositories = dict(repositories)
        self.token = token
        self.url = ""
        self.lock = threading.Lock()
        self.log: Log = []
        self.add("organizations", {"name": "Default"})

    def writes(self) -> list[str]:
        return writes(self.log)

    def answer(self, method: str, target: str, token: str, body: Any) -> Answer:
        address = urlsplit(target)
        if address.path == "/api/":
            return 200, {"available_versions": {"v2": ROOT}, "current_version": ROOT}
        # The two roots are for everybody.
        if token != f"Bearer {self.token}" and address.path != ROOT:
            detail = "Authentication credentials were not provided. To establish a login session, visit /api/login/."
            return 401, {"detail": detail}
        parts = [part for part in address.path.removeprefix(ROOT).split("/") if part]
        with self.lock:
            try:
                return self._route(method, parts, dict(parse_qsl(address.query, keep_blank_values=True)), body)
            except Refused as refused:
                return refused.status, refused.body

    def _route(self, method: str, parts: Sequence[str], query: Mapping[str, str], body: Any) -> Answer:
        if not parts:
            return 200, {name: f"{ROOT}{name}/" for name in [*self.items, "unified_job_templates"]}
        kind = parts[0]
        if kind == "config":
            return 200, {"version": "24.6.1"}
        if kind not in self.items and kind != "unified_job_templates":
            raise Refused(404, NO_PAGE)
        if method == "OPTIONS":
            return 200, self._options(kind, parts)
        if len(parts) == 1:
            return self._collection(method, kind, query, body)
        item = self.get(kind, parts[1])
        if len(parts) == 2:
            return self._detail(method, kind, item, body)
        return self._below(method, kind, item, parts[2], body)

    def _options(self, kind: str, parts: Sequence[str]) -> Item:
        if parts[-1] == "launch":
            return {"actions": {"POST": {"extra_vars": {"type": "json", "required": False}}}}
        fields = {name: known.described() for name, known in KINDS[kind].fields.items()} if kind in KINDS else {}
        readable = {name: {**shown, "filterable": True} for name, shown in fields.items()}
        return {"actions": {"GET": readable, "POST": fields}}

    def _collection(self, method: str, kind: str, query: Mapping[str, str], body: Any) -> Answer:
        if kind in KINDS and not KINDS[kind].has_list:
            raise Refused(404, NO_PAGE)
        if method == "GET":
            return 200, page([self.shown(name, item) for name, item in lookups.find(self, kind, query)])
        if method != "POST" or kind not in KINDS:
            raise _not_allowed(method)
        item = self.add(kind, rules.values(self, kind, {}, body, self.repositories))
        if kind == "projects":
            item.update({"status": "never updated" if item["scm_type"] else "ok", "scm_revision": ""})
        return 201, self._after_change(kind, {}, item)

    def _detail(self, method: str, kind: str, item: Item, body: Any) -> Answer:
        if method == "GET":
            return 200, self.shown(kind, item)
        if method == "DELETE" and kind in KINDS:
            if kind == "credential_types" and rules.is_used(self, item):
                raise Refused(403, {"detail": "Credential types that are in use cannot be deleted"})
            self.remove(kind, item["id"])
            return 204, None
        if method != "PATCH" or kind not in KINDS:
            raise _not_allowed(method)
        before = dict(item)
        item.update(rules.values(self, kind, before, body, self.repositories))
        return 200, self._after_change(kind, before, item)

    def _after_change(self, kind: str, before: Item, item: Item) -> Item:
        """The object, and for a project that AWX fetches because of the change the update that does it."""
        if kind != "projects" or not item["scm_type"]:
            return self.shown(kind, item)
        if all(before.get(name) == item[name] for name in projects.SOURCE):
            return self.shown(kind, item)
        update = projects.update(self, item, self.repositories)
        shown = self.shown(kind, item)
        return {**shown, "summary_fields": {**shown["summary_fields"], "current_update": {"id": update["id"]}}}

    def _below(self, method: str, kind: str, item: Item, name: str, body: Any) -> Answer:
        known = KINDS.get(kind)
        if known and name in known.lists:
            return self._list(method, kind, item, name, body)
        if known and name in known.related:
            if name == "survey_spec":
                return self._survey(method, item, body)
            if name == "launch" and method == "POST":
                return 201, launches.launch(self, kind, item, body)
            if name == "create_approval_template" and method == "POST":
                values = rules.values(self, APPROVALS, {}, body, self.repositories)
                return 201, self.shown(APPROVALS, workflows.approve(self, item, values))
            if name == "playbooks" and method == "GET":
                return 200, projects.playbooks(item, self.repositories)
            if name == "update":
                return self._update(method, item)
        raise Refused(404, NO_PAGE)

    def _update(self, method: str, project: Item) -> Answer:
        if method == "GET":
            return 200, {"can_update": bool(project["scm_type"])}
        if method != "POST" or not project["scm_type"]:
            raise _not_allowed(method)
        update = projects.update(self, project, self.repositories)
        return 202, {"project_update": update["id"], **self.shown("project_updates", update), "status": "pending"}

    def _list(self, method: str, kind: str, item: Item, name: str, body: Any) -> Answer:
        source = KINDS[kind].lists[name]
        members = self.lists.setdefault((kind, item["id"], name), [])
        if method == "GET":
            return 200, page([self.shown(source, self.items[source][id_]) for id_ in members])
        if not isinstance(body, dict) or not isinstance(body.get("id"), int) or body.keys() - {"id", "disassociate"}:
            raise Refused(400, {"msg": '"id" field must be an integer.'})
        other = self.get(source, str(body["id"]))
        if "disassociate" in body:
            if other["id"] in members:
                members.remove(other["id"])
            return 204, None
        self._check_member(kind, item, name, other)
        if other["id"] not in members:
            members.append(other["id"])
        return 204, None

    def _check_member(self, kind: str, item: Item, name: str, other: Item) -> None:
        if kind == NODES:
            workflows.check_link(self, item, other, name)
        if name == "credentials":
            type_ = other["credential_type"]
            if any(self.items[name][id_]["credential_type"] == type_ for id_ in self.listed(kind, item["id"], name)):
                title = self.items["credential_types"][type_]["name"]
                raise Refused(400, {"error": f"Cannot assign multiple {title} credentials."})

    def _survey(self, method: str, item: Item, body: Any) -> Answer:
        if method == "GET":
            return 200, self.surveys.get(item["id"], {})
        if method == "DELETE":
            self.surveys.pop(item["id"], None)
            return 200, None
        error = surveys.survey_error(body)
        if error:
            raise Refused(400, {"error": error})
        self.surveys[item["id"]] = body
        return 200, None


def _not_allowed(method: str) -> Refused:
    return Refused(405, {"detail": f'Method "{method}" not allowed.'})


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            answer: Any = {"detail": "JSON parse error."}
            status = 400
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                pass
            else:
                status, answer = awx.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            awx.log.append((self.command, self.path, status))
            is_page = isinstance(answer, str)
            content = answer.encode() if is_page else b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if is_page else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Allow", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = _serve

        def log_message(self, *_arguments: object) -> None:
            """Nothing: the log is in the fake itself."""

    return Handler


@contextmanager
def serving(repositories: Mapping[str, Sequence[str]]) -> Iterator[Awx]:
    awx = Awx(repositories)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(awx))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    awx.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield awx
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
