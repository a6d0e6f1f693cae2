# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of AWX's API that awx_configure.yml and those who launch its templates use. It runs no jobs.

with fake_awx.serving({"https://git.example.com/shop.git": ["release.yml"]}) as awx:
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

import awx_surveys
from awx_kinds import KINDS, UNIFIED, Errors, Item, credential_type_errors

ROOT = "/api/v2/"
HIDDEN = "$encrypted$"
_READ_ONLY: Mapping[str, Item] = {"credential_types": {"managed": False}, "projects": {"scm_revision": ""}}


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class Awx:
    """What it holds, and its answers. `repositories` has the playbooks of each place that a project can come from."""

    def __init__(self, repositories: Mapping[str, Sequence[str]], token: str = "awx-token") -> None:  # noqa: S107  of a fake
        self.repositories = repositories
        self.token = token
        self.url = ""
        self.lock = threading.Lock()
        self.items: dict[str, dict[int, Item]] = {name: {} for name in KINDS}
        self.items.update({name: {} for name in ("jobs", "workflow_jobs", "project_updates")})
        self.lists: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, Item] = {}
        self.log: list[tuple[str, str, int]] = []
        self.add("organizations", {"name": "Default"})

    # What tests look at.

    def named(self, kind: str, name: str) -> Item:
        (found,) = [item for item in self.items[kind].values() if item.get("name", item.get("identifier")) == name]
        return found

    def listed(self, kind: str, id_: int, name: str) -> list[int]:
        return self.lists.get((kind, id_, name), [])

    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path, _status in self.log if method not in {"GET", "OPTIONS"}]

    def add(self, kind: str, values: Item) -> Item:
        id_ = 1 + max((id_ for items in self.items.values() for id_ in items), default=0)
        blank = KINDS[kind].blank() if kind in KINDS else {}
        self.items[kind][id_] = {**blank, **values, "id": id_}
        return self.items[kind][id_]

    # Requests.

    def answer(self, method: str, target: str, token: str, body: Any) -> tuple[int, Any]:
        address = urlsplit(target)
        if address.path == "/api/":
            return 200, {"available_versions": {"v2": ROOT}, "current_version": ROOT}
        # The two roots are for everybody.
        if token != f"Bearer {self.token}" and address.path != ROOT:
            return 401, {"detail": "Authentication credentials were not provided."}
        parts = [part for part in address.path.removeprefix(ROOT).split("/") if part]
        with self.lock:
            try:
                return self._route(method, parts, dict(parse_qsl(address.query, keep_blank_values=True)), body)
            except Refused as refused:
                return refused.status, refused.body

    def _route(self, method: str, parts: Sequence[str], query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if not parts:
            return 200, {name: f"{ROOT}{name}/" for name in [*self.items, "unified_job_templates"]}
        kind = parts[0]
        if kind == "config":
            return 200, {"version": "24.6.1"}
        if kind not in self.items and kind != "unified_job_templates":
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if method == "OPTIONS":
            return 200, self._options(kind, parts)
        if len(parts) == 1:
            return self._collection(method, kind, query, body)
        item = self._item(kind, parts[1])
        if len(parts) == 2:
            return self._detail(method, kind, item, body)
        return self._below(method, kind, item, parts[2], body)

    def _options(self, kind: str, parts: Sequence[str]) -> Item:
        if parts[-1] == "launch":
            return {"actions": {"POST": {"extra_vars": {"type": "json", "required": False}}}}
        fields = {name: known.described() for name, known in KINDS[kind].fields.items()} if kind in KINDS else {}
        readable = {name: {**shown, "filterable": True} for name, shown in fields.items()}
        return {"actions": {"GET": readable, "POST": fields}}

    def _collection(self, method: str, kind: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self._page([self.shown(name, item) for name, item in self._found(kind, query)])
        if method != "POST" or kind not in KINDS:
            raise Refused(405, {"detail": f'Method "{method}" not allowed.'})
        values = self._values(kind, {}, body)
        item = self.add(kind, values)
        if kind == "projects":
            return 201, {**self.shown(kind, item), **self._update(item)}
        return 201, self.shown(kind, item)

    def _detail(self, method: str, kind: str, item: Item, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.shown(kind, item)
        if method == "DELETE" and kind in KINDS:
            del self.items[kind][item["id"]]
            return 204, None
        if method != "PATCH" or kind not in KINDS:
            raise Refused(405, {"detail": f'Method "{method}" not allowed.'})
        item.update(self._values(kind, item, body))
        return 200, {**self.shown(kind, item), **(self._update(item) if kind == "projects" else {})}

    def _below(self, method: str, kind: str, item: Item, name: str, body: Any) -> tuple[int, Any]:
        known = KINDS.get(kind)
        if known and name in known.lists:
            return self._list(method, kind, item, name, body)
        if known and name in known.related and name == "survey_spec":
            return self._survey(method, item, body)
        if known and name in known.related and name == "launch" and method == "POST":
            return 201, self._launch(kind, item, body)
        if name == "create_approval_template" and method == "POST":
            return 201, self._approval(item, body)
        raise Refused(404, {"detail": "Not found."})

    def _list(self, method: str, kind: str, item: Item, name: str, body: Any) -> tuple[int, Any]:
        source = KINDS[kind].lists[name]
        members = self.lists.setdefault((kind, item["id"], name), [])
        if method == "GET":
            return 200, self._page([self.shown(source, self.items[source][id_]) for id_ in members])
        if not isinstance(body, dict) or not isinstance(body.get("id"), int) or body.keys() - {"id", "disassociate"}:
            raise Refused(400, {"id": ["An integer is required."]})
        other = self._item(source, str(body["id"]))
        if body.get("disassociate"):
            members.remove(other["id"])
        elif other["id"] not in members:
            if source == "workflow_job_template_nodes":
                self._check_link(item, other, name)
            members.append(other["id"])
        return 204, None

    def _survey(self, method: str, item: Item, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.surveys.get(item["id"], {})
        if method == "DELETE":
            self.surveys.pop(item["id"], None)
            return 200, {}
        error = awx_surveys.survey_error(body)
        if error:
            raise Refused(400, {"error": error})
        self.surveys[item["id"]] = body
        return 200, {}

    def _launch(self, kind: str, item: Item, body: Any) -> Item:
        if not isinstance(body, dict):
            raise Refused(400, {"detail": "JSON object expected."})
        given = body.get("extra_vars", {})
        answers = json.loads(given) if isinstance(given, str) else given
        questions = awx_surveys.questions_of(item, self.surveys.get(item["id"], {}))
        errors = awx_surveys.launch_errors(questions, answers)
        if errors:
            raise Refused(400, {"variables_needed_to_start": errors})
        asked = {question["variable"] for question in questions}
        taken = {name: value for name, value in answers.items() if name in asked or item["ask_variables_on_launch"]}
        variables = awx_surveys.variables_of_job(item, self.surveys.get(item["id"], {}), taken)
        jobs = "jobs" if kind == "job_templates" else "workflow_jobs"
        values = {
            "name": item["name"],
            "status": "pending",
            "extra_vars": json.dumps(variables),
            KINDS[kind].type: item["id"],
        }
        job = self.add(jobs, values)
        shown = self.shown(jobs, job)
        # Nothing runs here, so whoever asks again finds it done.
        job["status"] = "successful"
        stray = {name: value for name, value in answers.items() if name not in taken}
        ignored = {name: value for name, value in body.items() if name != "extra_vars"}
        return {**shown, "ignored_fields": {**ignored, **({"extra_vars": stray} if stray else {})}}

    def _approval(self, node: Item, body: Any) -> Item:
        values = self._values("workflow_approval_templates", {}, body)
        template = self.add("workflow_approval_templates", values)
        node["unified_job_template"] = template["id"]
        return self.shown("workflow_approval_templates", template)

    # What is in it.

    def _item(self, kind: str, id_: str) -> Item:
        try:
            return self.items[kind][int(id_)]
        except (KeyError, ValueError):
            raise Refused(404, {"detail": "Not found."}) from None

    def _found(self, kind: str, query: Mapping[str, str]) -> list[tuple[str, Item]]:
        names = UNIFIED if kind == "unified_job_templates" else (kind,)
        exact = {
            name: value for name, value in query.items() if "__" not in name and name not in {"page_size", "order_by"}
        }
        either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
        found = [(name, item) for name in names for item in self.items[name].values()]
        for field in {**exact, **either}:
            if field != "id" and not any(field in item for _name, item in found) and found:
                raise Refused(400, {"detail": f"{kind} has no field named '{field}'"})
        return [
            (name, item)
            for name, item in found
            if all(str(item.get(field)) == value for field, value in exact.items())
            and (not either or any(str(item.get(field)) == value for field, value in either.items()))
        ]

    def _values(self, kind: str, old: Item, body: Any) -> Item:
        """What to keep of a body, or a refusal."""
        values, errors = KINDS[kind].checked(body, partly=bool(old))
        for name, value in values.items():
            to = KINDS[kind].fields[name].to
            if to and value is not None and name not in errors and not self._exists(to, value):
                errors[name] = [f'Invalid pk "{value}" - object does not exist.']
        if not errors:
            errors = self._more_errors(kind, {**KINDS[kind].blank(), **old, **values}, values)
        if errors:
            raise Refused(400, errors)
        return values

    def _exists(self, kind: str, id_: int) -> bool:
        return any(id_ in self.items[name] for name in (UNIFIED if kind == "unified_job_templates" else (kind,)))

    def _more_errors(self, kind: str, whole: Item, values: Item) -> Errors:
        """The demands of one kind; some also fill in what follows from others."""
        if kind == "credential_types":
            return credential_type_errors(whole)
        if kind == "credentials":
            return self._credential_errors(whole)
        if kind == "projects":
            return self._project_errors(whole)
        if kind == "job_templates":
            values["organization"] = whole["organization"] = (
                self.items["projects"].get(whole["project"], {}).get("organization")
            )
            return self._template_errors(whole) or self._taken(kind, whole)
        return self._taken(kind, whole)

    def _taken(self, kind: str, whole: Item) -> Errors:
        unique = KINDS[kind].unique
        same = [
            item
            for item in self.items[kind].values()
            if unique and item["id"] != whole.get("id") and all(item.get(name) == whole.get(name) for name in unique)
        ]
        return {"__all__": [f"{KINDS[kind].type} with this {' and '.join(unique)} already exists."]} if same else {}

    def _credential_errors(self, whole: Item) -> Errors:
        inputs = self.items["credential_types"][whole["credential_type"]]["inputs"]
        known = {entry["id"]: entry for entry in inputs.get("fields", [])}
        for name, value in whole["inputs"].items():
            if name not in known or not isinstance(value, str):
                return {"inputs": {name: ["Additional properties are not allowed"]}}
        return self._taken("credentials", whole)

    def _project_errors(self, whole: Item) -> Errors:
        if whole["scm_type"] == "":
            if whole["local_path"] not in self.repositories:
                return {"local_path": ["Invalid path choice."]}
            if whole["scm_update_on_launch"]:
                return {"scm_update_on_launch": ["Update options must be set to false for manual projects."]}
        elif not whole["scm_url"]:
            return {"scm_url": ["SCM URL is required."]}
        return self._taken("projects", whole)

    def _template_errors(self, whole: Item) -> Errors:
        if whole["project"] is None:
            return {"project": ["Job Templates must have a project assigned."]}
        if whole["inventory"] is None:
            return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
        project = self.items["projects"][whole["project"]]
        if whole["playbook"] not in self.repositories.get(project["scm_url"] or project["local_path"], ()):
            return {"playbook": ["Playbook not found for project."]}
        try:
            json.loads(whole["extra_vars"] or "{}")
        except ValueError:
            return {"extra_vars": ["Must be valid JSON or YAML."]}
        return {}

    def _check_link(self, parent: Item, child: Item, name: str) -> None:
        kind = "workflow_job_template_nodes"
        others = [other for other in KINDS[kind].lists if other != name]
        if any(child["id"] in self.listed(kind, parent["id"], other) for other in others):
            raise Refused(400, {"Error": "Relationship not allowed."})
        if parent["workflow_job_template"] != child["workflow_job_template"] or parent["id"] in self._after(
            child["id"]
        ):
            raise Refused(400, {"Error": "Cycle detected."})

    def _after(self, id_: int) -> set[int]:
        """A node and all that can come after it."""
        kind = "workflow_job_template_nodes"
        found: set[int] = set()
        coming = [id_]
        while coming:
            found.add(coming[-1])
            node = coming.pop()
            coming += [
                next_ for name in KINDS[kind].lists for next_ in self.listed(kind, node, name) if next_ not in found
            ]
        return found

    def _update(self, project: Item) -> Item:
        """What getting a project from git adds to the answer."""
        if not project["scm_type"]:
            return {}
        status = "successful" if project["scm_url"] in self.repositories else "failed"
        update = self.add("project_updates", {"name": project["name"], "status": status})
        return {"summary_fields": {"current_update": {"id": update["id"]}}}

    # What is shown of it.

    @staticmethod
    def _page(results: list[Item]) -> Item:
        return {"count": len(results), "next": None, "previous": None, "results": results}

    def shown(self, kind: str, item: Item) -> Item:
        known = KINDS.get(kind)
        url = f"{ROOT}{kind}/{item['id']}/"
        related = {name: f"{url}{name}/" for name in (*known.lists, *known.related)} if known else {}
        if kind == "workflow_job_template_nodes":
            related.pop("unified_job_template")
            unified = next((name for name in UNIFIED if item["unified_job_template"] in self.items[name]), None)
            if unified:
                related["unified_job_template"] = f"{ROOT}{unified}/{item['unified_job_template']}/"
        type_ = known.type if known else kind.removesuffix("s")
        shown = {**self._without_secrets(kind, item), **_READ_ONLY.get(kind, {})}
        organization = self.items["organizations"].get(item.get("organization") or 0)
        summary = {"organization": {"name": organization["name"]}} if organization else {}
        return {**shown, "type": type_, "url": url, "related": related, "summary_fields": summary}

    def _without_secrets(self, kind: str, item: Item) -> Item:
        if kind != "credentials":
            return item
        fields = self.items["credential_types"][item["credential_type"]]["inputs"].get("fields", [])
        secret = {entry["id"] for entry in fields if entry.get("secret")}
        return {
            **item,
            "inputs": {name: HIDDEN if name in secret else value for name, value in item["inputs"].items()},
        }


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            try:
                body = json.loads(raw) if raw else {}
                status, answer = awx.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            except ValueError:
                status, answer = 400, {"detail": "JSON parse error."}
            awx.log.append((self.command, self.path, status))
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
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
