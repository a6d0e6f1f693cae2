# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approval requests: how they are created and changed, and how a phase reacts."""

from __future__ import annotations

import copy
import uuid

import pytest

NOW = 1_793_000_000_000
TOKEN = {"Authorization": f"api-{uuid.UUID(int=0)}"}
FLAG = "/api/v2/flags/demo/new-checkout"
REQUESTS = "/api/v2/projects/demo/flags/new-checkout/environments/{}/approval-requests"
ADMIN = "/__sim__/projects/demo/flags/new-checkout/environments/{}/approval-requests/{}"
ALL = "/api/v2/approval-requests"
ON, OFF = {"kind": "turnFlagOn"}, {"kind": "turnFlagOff"}


def audience(environment, approval=True, window=None, **fields):
    configuration = {"releaseStrategy": "immediate-rollout", "requireApproval": approval, **fields}
    if window is not None:
        configuration["releaseStrategy"] = "monitored-release"
        configuration["releaseGuardianConfiguration"] = {
            "monitoringWindowMilliseconds": window,
            "rolloutWeight": 50000,
            "rollbackOnRegression": True,
        }
    return {"environmentKey": environment, "configuration": configuration}


def state(*audiences, **fields):
    phases = [{"name": "First", "audiences": list(audiences)}, {"name": "Last", "audiences": []}]
    project = {"pipelines": {"standard": {"phases": phases}}, "releases": {"new-checkout": {}}, **fields}
    return {"projects": {"demo": project}}


def found(ask, environment="production"):
    return ask("GET", REQUESTS.format(environment)).body["items"]


def done(ask, environment="production", which="latest", **fields):
    return ask("PUT", ADMIN.format(environment, which), fields)


def switches(ask):
    return {key: item["on"] for key, item in ask("GET", FLAG).body["environments"].items()}


def audit(ask):
    return [(entry["action"], entry["by"]) for entry in ask("GET", "/__sim__/projects/demo/audit").body["items"]]


def post(ask, path="", environment="production", **body):
    return ask("POST", REQUESTS.format(environment) + path, body, TOKEN)


def test_phase_start_creates_a_request_where_one_is_required(build):
    ask = build(state(audience("test", approval=False), audience("production", notifyMemberIds=["m1", "m2"])))
    assert found(ask) == []
    started = ask.start(0).body["phases"][0]
    assert started["status"] == "active"
    assert "_awaits" not in started
    assert found(ask, "test") == []
    (request,) = found(ask)
    assert request == {
        "_id": request["_id"],
        "_version": 1,
        "creationDate": NOW,
        "serviceKind": "launchdarkly",
        "requestorId": request["requestorId"],
        "description": "Start phase First",
        "reviewStatus": "pending",
        "allReviews": [],
        "notifyMemberIds": ["m1", "m2"],
        "status": "pending",
        "instructions": [ON],
        "conflicts": [],
        "_links": {"self": {"href": f"{REQUESTS.format('production')}/{request['_id']}", "type": "application/json"}},
    }
    assert ask("GET", f"{REQUESTS.format('production')}/{request['_id']}").body == request


def test_phase_start_names_members_to_notify(build):
    ask = build(state(audience("production", notifyMemberIds=["m1"])))
    audience_id = ask.release()["phases"][0]["_audiences"][0]["_id"]
    ask.start(0, audiences=[{"audienceId": audience_id, "notifyMemberIds": ["m9"]}])
    assert found(ask)[0]["notifyMemberIds"] == ["m9"]


@pytest.mark.parametrize(("members", "notified"), [(None, []), (5, []), ("m1", []), ([5, "m1", "m1"], ["m1"])])
def test_members_to_notify_may_be_malformed(build, members, notified):
    ask = build(state(audience("production")))
    configuration = {"requireApproval": True, "notifyMemberIds": members}
    audiences = [{"environment": {"key": "production"}, "configuration": configuration}]
    ask("PUT", "/__sim__/projects/demo/releases/new-checkout/phases/First", {"_audiences": audiences})
    ask.start(0)
    assert found(ask)[0]["notifyMemberIds"] == notified


def test_audiences_without_approval_take_effect_at_once(build):
    ask = build(state(audience("test", approval=False), audience("production")))
    ask.start(0)
    ask.wait(3600)
    assert ask.statuses() == ["active", "not-started"]
    assert [item["status"] for item in ask.release()["phases"][0]["_audiences"]] == ["active", "ready-to-start"]
    assert switches(ask) == {"test": True, "production": False}


def test_phase_continues_after_its_request_is_applied(build):
    ask = build(state(audience("production", window=60_000)))
    ask.start(0)
    ask.wait(3600)
    assert done(ask, review="approve").body["reviewStatus"] == "approved"
    ask.wait(3600)
    assert (ask.statuses()[0], switches(ask)) == ("active", {"production": False})
    assert done(ask, apply=True).body["status"] == "completed"
    assert (ask.statuses()[0], switches(ask)) == ("active", {"production": True})
    ask.wait(59.999)
    assert ask.statuses() == ["active", "not-started"]
    ask.wait(0.001)
    assert ask.statuses() == ["completed", "ready-to-start"]
    assert ask.release()["phases"][0]["_completionDate"] == NOW + 7_260_000


def test_phase_waits_for_each_of_its_requests(build):
    ask = build(state(audience("staging"), audience("production"), audience("production", window=60_000)))
    ask.start(0)
    assert (len(found(ask)), len(found(ask, "staging"))) == (1, 1)
    done(ask, review="approve", apply=True)
    ask.wait(3600)
    assert [item["status"] for item in ask.release()["phases"][0]["_audiences"]] == [
        "ready-to-start",
        "active",
        "active",
    ]
    assert ask.statuses()[0] == "active"
    done(ask, "staging", review="approve", apply=True)
    ask.wait(1)
    assert ask.statuses()[0] == "completed"


def test_request_can_come_after_a_delay(build):
    ask = build(state(audience("production"), approvalRequestDelay=2.5))
    ask.start(0)
    ask.wait(2.499)
    assert found(ask) == []
    ask.wait(3600)
    assert found(ask)[0]["creationDate"] == NOW + 2500


def test_regression_counts_from_the_start_of_the_rollout(build):
    ask = build(state(audience("production", window=60_000)))
    ask("PUT", "/__sim__/projects/demo/releases/new-checkout/phases/First", {"_regressesAfter": 500})
    ask.start(0)
    ask.wait(3600)
    done(ask, review="approve", apply=True)
    ask.wait(0.499)
    assert ask.statuses()[0] == "active"
    ask.wait(0.001)
    assert ask.statuses() == ["paused", "not-started"]


def test_on_next_makes_the_next_phase_ready_after_approval(build):
    ask = build(state(audience("production")), completion="on_next")
    ask.start(0)
    done(ask, review="approve", apply=True)
    ask.wait(1)
    assert ask.statuses() == ["active", "ready-to-start"]


@pytest.mark.parametrize(
    "fields",
    [
        {"review": "decline", "comment": "not on a Friday"},
        {"review": "comment", "comment": "hm"},
        {"status": "failed"},
        {"status": "scheduled"},
        {"review": "approve"},
    ],
)
def test_unapplied_request_leaves_the_phase_active(build, fields):
    ask = build(state(audience("production")))
    ask.start(0)
    assert done(ask, **fields).status == 200
    ask.wait(86_400)
    assert (ask.statuses()[0], switches(ask)) == ("active", {"production": False})


def test_deleted_request_leaves_the_phase_active(build):
    ask = build(state(audience("production")))
    ask.start(0)
    path = f"{REQUESTS.format('production')}/{found(ask)[0]['_id']}"
    assert ask("DELETE", path).status == 204
    assert ask("GET", path).status == 404
    ask.wait(86_400)
    assert (ask.statuses()[0], found(ask)) == ("active", [])


def test_repeated_start_creates_no_second_request(build):
    ask = build(state(audience("production")))
    ask.start(0)
    ask.start(0)
    assert len(found(ask)) == 1


def test_canceled_release_creates_no_request(build):
    ask = build(state(audience("production"), approvalRequestDelay=1))
    ask.start(0)
    ask("PUT", "/__sim__/projects/demo/releases/new-checkout", {"_canceledAt": NOW})
    ask.wait(5)
    assert found(ask) == []


def test_deleted_environment_needs_no_approval(build):
    ask = build(state(audience("production"), environments={"test": {}}))
    ask.start(0)
    ask.wait(1)
    assert ask.statuses()[0] == "completed"


def test_api_reviews_and_applies_requests(build):
    ask = build(state(audience("production")))
    ask.start(0)
    own = f"/{found(ask)[0]['_id']}"
    commented = post(ask, f"{own}/reviews", kind="comment", comment="hm")
    assert (commented.status, commented.body["reviewStatus"]) == (200, "pending")
    assert post(ask, f"{own}/reviews", kind="decline").body["reviewStatus"] == "declined"
    refused = post(ask, f"{own}/apply")
    assert (refused.status, refused.body["code"]) == (400, "invalid_request")
    ask.wait(5)
    approved = post(ask, f"{own}/reviews", kind="approve", comment="fine").body
    assert [item["kind"] for item in approved["allReviews"]] == ["comment", "decline", "approve"]
    assert approved["allReviews"][2]["creationDate"] == NOW + 5000
    assert approved["allReviews"][2]["serviceTokenId"]
    given = post(ask, f"{own}/apply", comment="go")
    assert (given.status, given.body["status"], given.body["appliedDate"]) == (200, "completed", NOW + 5000)
    assert given.body["appliedByServiceTokenId"] == approved["allReviews"][2]["serviceTokenId"]
    assert given.body["_version"] == 5
    assert post(ask, f"{own}/apply").status == 400
    assert post(ask, f"{own}/reviews", kind="decline").status == 400
    assert ask("DELETE", REQUESTS.format("production") + own).status == 400
    assert switches(ask) == {"production": True}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/reviews", {"kind": "approve"}, 200),
        ("/reviews", {"kind": "approve", "comment": None}, 200),
        ("/reviews", {}, 400),
        ("/reviews", {"kind": "applaud"}, 400),
        ("/reviews", {"kind": ["approve"]}, 400),
        ("/reviews", {"kind": "approve", "comment": 5}, 400),
        ("/apply", {"comment": 5}, 400),
        ("/apply", {}, 400),
    ],
)
def test_review_fields_are_checked(build, path, body, status):
    ask = build(state(audience("production")))
    ask.start(0)
    assert post(ask, f"/{found(ask)[0]['_id']}{path}", **body).status == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 201),
        ({"comment": "please", "notifyMemberIds": ["m1"]}, 201),
        ({"description": None}, 400),
        ({"comment": 5}, 400),
        ({"notifyMemberIds": "m1"}, 400),
        ({"instructions": []}, 400),
        ({"instructions": [{"kind": "addRule"}]}, 400),
    ],
)
def test_request_can_be_created_through_the_api(build, changes, status):
    ask = build(state(audience("production")))
    body = {"description": "off, please", "instructions": [OFF], **changes}
    assert post(ask, **body).status == status
    assert len(found(ask)) == (status == 201)


def test_created_request_changes_the_flag_and_no_phase(build):
    flags = {"new-checkout": {"environments": {"production": {"on": True, "requireApproval": True}}}}
    ask = build(state(audience("production"), flags=flags))
    ask.start(0)
    made = post(ask, description="off, please", instructions=[OFF]).body
    done(ask, which=made["_id"], review="approve", apply=True)
    ask.wait(3600)
    assert (ask.statuses()[0], switches(ask)) == ("active", {"production": False})
    assert [item["status"] for item in found(ask)] == ["pending", "completed"]


def test_request_ids_differ_at_the_same_time(build):
    ask = build(state(audience("production")))
    first, second = (post(ask, description="d", instructions=[ON]).body["_id"] for _count in range(2))
    ask("DELETE", f"{REQUESTS.format('production')}/{first}")
    third = post(ask, description="d", instructions=[ON]).body["_id"]
    assert third != second
    assert len(found(ask)) == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", REQUESTS.format("moon")),
        ("GET", f"{REQUESTS.format('production')}/missing"),
        ("DELETE", f"{REQUESTS.format('production')}/missing"),
        ("POST", f"{REQUESTS.format('production')}/missing/apply"),
        ("POST", f"{REQUESTS.format('production')}/missing/reviews"),
        ("GET", REQUESTS.format("production").replace("new-checkout", "missing")),
        ("GET", f"{ALL}/missing"),
    ],
)
def test_unknown_request_is_not_found(build, method, path):
    ask = build(state(audience("production")))
    assert ask(method, path, {"kind": "approve"} if method == "POST" else None).status == 404


def test_requests_need_no_beta_header(build):
    ask = build(state(audience("production")))
    assert ask("GET", REQUESTS.format("production"), headers=TOKEN).status == 200
    assert ask("GET", ALL, headers=TOKEN).status == 200


WANTED = 'resourceId equals proj/demo:env/production:flag/new-checkout,status anyOf ["pending"]'


@pytest.mark.parametrize(
    ("wanted", "environments"),
    [
        ("", ["staging", "production"]),
        (WANTED, ["production"]),
        ('status anyOf ["completed"]', []),
        ('status anyOf ["completed", "pending"], reviewStatus anyOf ["pending"]', ["staging", "production"]),
        ('reviewStatus anyOf ["approved","declined"]', []),
        ('notifyMemberIds anyOf ["m1","m2"]', ["production"]),
        ("notifyMemberIds anyOf []", []),
        ("resourceKind equals flag", ["staging", "production"]),
        ("resourceKind equals segment", []),
        ("projectKey equals demo", ["staging", "production"]),
        ('projectKey equals "shop"', []),
        ("requestorId equals nobody", []),
    ],
)
def test_list_of_all_requests_can_be_filtered(build, wanted, environments):
    ask = build(state(audience("staging"), audience("production", notifyMemberIds=["m1"])))
    ask.start(0)
    given = ask("GET", f"{ALL}?filter={wanted.replace(' ', '+')}&limit=200")
    resources = [f"proj/demo:env/{key}:flag/new-checkout" for key in environments]
    assert [item["resourceId"] for item in given.body["items"]] == resources
    assert given.body["totalCount"] == len(environments)
    for item in given.body["items"]:
        assert ask("GET", f"{ALL}/{item['_id']}").body == item


@pytest.mark.parametrize(
    "query",
    [
        "filter=status",
        'filter=status+anyOf+"pending"',
        "filter=status+equals+pending",
        "filter=status+anyOf+[pending]",
        "filter=status+anyOf+[5]",
        'filter=resourceId+anyOf+["x"]',
        "filter=colour+equals+red",
        "limit=201",
        "limit=0",
        "offset=-1",
    ],
)
def test_list_of_all_requests_refuses_unknown_filters(build, query):
    assert build(state())("GET", f"{ALL}?{query}").status == 400


def test_list_of_all_requests_has_pages(build):
    ask = build(state(audience("staging"), audience("production")))
    ask.start(0)
    given = ask("GET", f"{ALL}?limit=1&offset=1").body
    assert (len(given["items"]), given["totalCount"]) == (1, 2)
    assert given["_links"]["prev"]["href"] == f"{ALL}?limit=1&offset=0"


def test_audit_has_the_changes_of_a_request(build):
    ask = build(state(audience("production")))
    ask.start(0)
    done(ask, review="approve", comment="fine", apply=True)
    ask.wait(1)
    assert audit(ask) == [
        ("updateReleasePhaseStatus", "token"),
        ("createApprovalRequest", "release"),
        ("reviewApprovalRequest", "reviewer"),
        ("applyApprovalRequest", "reviewer"),
        ("updateOn", "reviewer"),
        ("updateReleasePhaseStatus", "release"),
    ]


def test_admin_sets_fields_of_a_request(build):
    ask = build(state(audience("production")))
    ask.start(0)
    before = found(ask)[0]
    metadata = {"externalId": "CHG1", "externalUrl": "https://example.com/CHG1", "externalStatus": "Assess"}
    given = done(ask, serviceKind="servicenow", integrationMetadata=metadata, _id="other", flagKey="other")
    status = {"display": "Assess", "value": "Assess"}
    assert given.body == {
        **before,
        "serviceKind": "servicenow",
        "integrationMetadata": {**metadata, "externalStatus": status, "lastChecked": NOW},
    }
    assert done(ask, integrationMetadata=None).body == {**before, "serviceKind": "servicenow"}
    assert found(ask) == [{**before, "serviceKind": "servicenow"}]


def test_admin_writes_reviews(build):
    ask = build(state(audience("production")))
    ask.start(0)
    assert done(ask, allReviews=[{}], reviewStatus="declined").body["allReviews"] == [{}]
    assert done(ask, review="approve", apply=True).body["status"] == "completed"


@pytest.mark.parametrize(("member", "member_id"), [({"_id": "m7", "email": "m@example.com"}, "m7"), ("m8", "m8")])
def test_admin_review_is_by_a_member(build, member, member_id):
    ask = build(state(audience("production")))
    ask.start(0)
    given = done(ask, which=found(ask)[0]["_id"], review="approve", comment="fine", member=member, apply=True).body
    review = given["allReviews"][0]
    assert (review["memberId"], review["comment"], given["appliedByMemberId"]) == (member_id, "fine", member_id)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"review": "applaud"}, 400),
        ({"review": 5}, 400),
        ({"apply": True}, 400),
        ({"review": "decline", "apply": True}, 400),
        ({"apply": "yes"}, 400),
        ({"allReviews": 5}, 400),
        ({"allReviews": [5]}, 400),
        ({"member": 5}, 400),
        ({"apply": False}, 200),
        ({"status": "pending"}, 200),
    ],
)
def test_admin_refusal_leaves_the_request_unchanged(build, fields, status):
    ask = build(state(audience("production")))
    ask.start(0)
    before = found(ask)
    assert done(ask, **fields).status == status
    assert found(ask) == before


@pytest.mark.parametrize(("environment", "which"), [("production", "latest"), ("production", "x"), ("moon", "latest")])
def test_admin_does_not_find_an_unknown_request(build, environment, which):
    assert done(build(state(audience("production"))), environment, which).status == 404


@pytest.mark.parametrize(
    ("reviewer", "expected"),
    [
        # When it is looked at: the review, the request's status, the phase's.
        ({"verdict": "approve", "apply": True}, {0: "approved completed active", 1: "approved completed completed"}),
        (
            {"verdict": "approve", "after": 60, "apply": True, "applyAfter": 30},
            {
                59.999: "pending pending active",
                60: "approved pending active",
                89.999: "approved pending active",
                90: "approved completed active",
                91: "approved completed completed",
            },
        ),
        ({"verdict": "approve", "after": 60}, {59: "pending pending active", 86_400: "approved pending active"}),
        ({"verdict": "approve", "apply": False}, {86_400: "approved pending active"}),
        (
            {"verdict": "decline", "after": 5, "apply": True},
            {4: "pending pending active", 86_400: "declined pending active"},
        ),
        ({"apply": True}, {86_400: "pending pending active"}),
        ({"comment": "never"}, {86_400: "pending pending active"}),
        ({}, {86_400: "pending pending active"}),
    ],
)
def test_review_script_reviews_when_due(build, reviewer, expected):
    for often in (True, False):
        ask = build(state(audience("production"), reviewer=reviewer))
        ask.start(0)
        at = 0
        for seconds, words in expected.items():
            ask.wait(seconds - at)
            at = seconds
            if often or seconds == max(expected):
                (request,) = found(ask)
                assert f"{request['reviewStatus']} {request['status']} {ask.statuses()[0]}" == words


def test_review_script_dates_its_reviews_as_due(build):
    member = {"_id": "m7"}
    script = {"verdict": "approve", "after": 60, "comment": "fine", "apply": True, "applyAfter": 30, "member": member}
    ask = build(state(audience("production"), reviewer=script))
    ask.start(0)
    ask.wait(86_400)
    (request,) = found(ask)
    review = request["allReviews"][0]
    assert (review["creationDate"], review["comment"], review["memberId"]) == (NOW + 60_000, "fine", "m7")
    assert (request["appliedDate"], request["appliedByMemberId"]) == (NOW + 90_000, "m7")
    phase = ask.release()["phases"][0]
    assert phase["_completionDate"] == NOW + 91_000
    assert ask("GET", FLAG).body["environments"]["production"]["lastModified"] == NOW + 90_000


def test_review_script_applies_what_others_approved(build):
    ask = build(state(audience("production"), reviewer={"apply": True, "applyAfter": 10}))
    ask.start(0)
    ask.wait(100)
    done(ask, review="approve")
    ask.wait(9.999)
    assert found(ask)[0]["status"] == "pending"
    ask.wait(0.001)
    assert found(ask)[0]["appliedDate"] == NOW + 110_000


def test_review_script_counts_from_when_it_is_set(build):
    ask = build(state(audience("production")))
    ask.start(0)
    ask.wait(3600)
    script = {"verdict": "decline", "after": 60, "comment": "not on a Friday"}
    assert ask("PUT", "/__sim__/projects/demo/reviewer", script).body == {**script, "since": NOW + 3_600_000}
    assert ask("GET", "/__sim__/projects/demo/reviewer").body["verdict"] == "decline"
    ask.wait(59)
    assert found(ask)[0]["reviewStatus"] == "pending"
    ask.wait(1)
    assert found(ask)[0]["reviewStatus"] == "declined"


def test_review_script_can_be_removed(build):
    ask = build(state(audience("production"), reviewer={"verdict": "approve", "after": 60}))
    ask.start(0)
    assert ask("PUT", "/__sim__/projects/demo/reviewer", {}).body == {}
    ask.wait(3600)
    assert found(ask)[0]["reviewStatus"] == "pending"


@pytest.mark.parametrize(
    "script",
    [
        {"verdict": "applaud"},
        {"verdict": None},
        {"after": -1},
        {"applyAfter": "1"},
        {"after": 1e300},
        {"apply": "yes"},
        {"member": 5},
        {"colour": "red"},
        [],
    ],
)
def test_review_script_with_mistakes_is_refused(build, script):
    ask = build(state(audience("production"), reviewer={"verdict": "approve"}))
    assert ask("PUT", "/__sim__/projects/demo/reviewer", script).status == 400
    assert ask("GET", "/__sim__/projects/demo/reviewer").body["verdict"] == "approve"
    assert ask("PUT", "/__sim__/state", state(reviewer=script)).status == 400


def test_state_round_trip_keeps_a_waiting_phase(build):
    ask = build(state(audience("production"), reviewer={"verdict": "approve", "after": 60, "apply": True}))
    ask.start(0)
    kept = ask("GET", "/__sim__/state").body
    assert ask("PUT", "/__sim__/state", copy.deepcopy(kept)).body == kept
    ask.wait(61)
    assert ask.statuses()[0] == "completed"


def test_state_can_hold_requests(build):
    requests = [
        {"flagKey": "new-checkout", "environmentKey": "production", "reviewStatus": "declined"},
        {"flagKey": "new-checkout", "environmentKey": "production", "_id": "r1", "instructions": [{"kind": "addRule"}]},
    ]
    ask = build(state(audience("production"), approvalRequests=requests))
    assert [(item["reviewStatus"], item["status"]) for item in found(ask)] == [
        ("declined", "pending"),
        ("pending", "pending"),
    ]
    done(ask, which="r1", review="approve", apply=True)
    assert switches(ask) == {"production": False}


def test_state_can_hold_a_phase_that_awaits_approval(build):
    releases = {"new-checkout": {"phases": [{"status": "active", "_awaits": {"production": None}}, {}]}}
    ask = build(state(audience("production"), releases=releases))
    assert len(found(ask)) == 1
    done(ask, review="approve", apply=True)
    ask.wait(1)
    assert ask.statuses()[0] == "completed"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"approvalRequests": [5]}, "projects.demo.approvalRequests must be an object"),
        ({"approvalRequests": [{}]}, "needs a flagKey and an environmentKey"),
        ({"approvalRequests": [{"flagKey": "new-checkout", "environmentKey": "moon"}]}, "needs a flagKey"),
        ({"approvalRequests": [{"flagKey": 5}]}, "flagKey in projects.demo.approvalRequests"),
        ({"approvalRequestDelay": -1}, "approvalRequestDelay in projects.demo"),
        ({"approvalRequestDelay": "1"}, "approvalRequestDelay in projects.demo"),
    ],
)
def test_state_mistakes_name_their_place(build, fields, says):
    given = build()("PUT", "/__sim__/state", state(audience("production"), **fields))
    assert given.status == 400
    assert says in given.body["message"]
