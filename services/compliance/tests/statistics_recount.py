"""The figures counted once more, by walking records: no code of the service. Tests only."""

from collections import defaultdict
from datetime import date, timedelta

import chinese_calendar

BASELINE = date(2021, 7, 24)
MUNICIPAL = ("11", "12", "31", "50")
DIMENSIONS = {
    "category": lambda one: one.categories,
    "delivery": lambda one: one.delivery_modes,
    "nonsubject_type": lambda one: one.nonsubject_types,
    "stage": lambda one: one.stages,
    "nature": lambda one: [one.legal_nature],
}
LABELS = ("deregistered", "deregistering")
PENDING = ("submitted", "in_review", "supplementing")
KINDS = ("for_profit_to_nonprofit", "filing_to_approval", "other")


class Recount:
    """What each figure must be on a day of these institutions and authorities."""

    def __init__(self, world, today):
        self.world, self.today = world, today
        self.month = today.replace(day=1)

    def of(self, figure, chosen):
        """The values of a figure, by name, of the institutions that `chosen` lets pass."""
        walk = getattr(self, figure)
        if figure == "recoveries":
            return walk([each for each in self.world.recoveries if chosen(each)])
        if figure == "workload":
            return walk([each for each in self.world.authorities if chosen(each)])
        return walk([each for each in self.world.institutions if chosen(each)])

    def of_region(self, figure, region, below=None):
        """Of a region, or of one division below it."""
        return self.of(
            figure,
            lambda one: (
                inside(one.region_code, region)
                and below in (None, division(one.region_code, region))
            ),
        )

    def of_code(self, figure, by, code, *, region):
        """Of what has that code in a dimension."""
        codes_of = DIMENSIONS[by]
        return self.of(
            figure, lambda one: inside(one.region_code, region) and code in codes_of(one)
        )

    def of_authority(self, authority_id):
        return self.of("workload", lambda one: str(one.authority_id) == authority_id)

    def institutions(self, all_of_them):
        told = defaultdict(int)
        for one in all_of_them:
            told["total"] += 1
            told["registered"] += self._is_registered(one)
            told[f"review_{self._review_status(one)}"] += 1
            told[f"compliance_{one.compliance_status}"] += 1
        return told

    def _is_registered(self, one):
        return one.registration_status == "approved" and one.compliance_status != "deregistered"

    def _review_status(self, one):
        if one.compliance_status in LABELS:
            return one.compliance_status
        if one.registration_status in ("returned", "rejected"):
            return f"registration_{one.registration_status}"
        if one.registration_status != "approved":
            return one.registration_status
        open_kinds = [each.kind for each in one.tasks if each.status not in ("closed", "waived")]
        for kind in KINDS:
            if kind in open_kinds:
                return kind
        return one.compliance_status

    def deregistrations(self, all_of_them):
        told = defaultdict(int)
        for one in all_of_them:
            days = [each.deregistered_on for each in one.applications if each.deregistered_on]
            told["deregistered"] += any(self.month <= day <= self.today for day in days)
            if one.registration_status == "approved" and one.first_approved_on is not None:
                was_there = one.first_approved_on <= BASELINE
                told["baseline"] += was_there
                told["remaining"] += was_there and one.compliance_status != "deregistered"
        left = rate(told["remaining"], told["baseline"])
        return told | {"reduction_bp": None if left is None else 10_000 - left}

    def qualification(self, all_of_them):
        registered = [one for one in all_of_them if self._is_registered(one)]
        passed = [o for o in registered if o.compliance_status in ("compliant", "change_pending")]
        told = {"registered": len(registered), "passed": len(passed)}
        return told | {"passed_bp": rate(len(passed), len(registered))}

    def applications(self, all_of_them):
        told, days = defaultdict(int), []
        for filed in (each for one in all_of_them for each in one.applications):
            if filed.kind == "deregistration" or filed.submitted_on is None:
                continue
            told["submitted"] += self.month <= filed.submitted_on <= self.today
            if filed.state in PENDING:
                told[self._age(filed.submitted_on)] += 1
            if filed.has_decision and self.month <= filed.decided_on <= self.today:
                told["rejected" if filed.is_set_aside else filed.state] += 1
                told["decided"] += 1
                days.append((filed.decided_on - filed.submitted_on).days)
        for name in ("approved", "returned", "rejected"):
            told[f"{name}_bp"] = rate(told[name], told["decided"])
        told["median_days"] = sorted(days)[(len(days) - 1) // 2] if days else None
        return told

    def _age(self, submitted_on):
        passed, day = 0, submitted_on
        while day < self.today:
            day += timedelta(days=1)
            passed += chinese_calendar.is_workday(day)
        for most, name in ((5, "pending_0_5"), (15, "pending_6_15"), (20, "pending_16_20")):
            if passed <= most:
                return name
        return "pending_over_20"

    def rectifications(self, all_of_them):
        told = defaultdict(int)
        for task in (each for one in all_of_them for each in one.tasks):
            is_over = task.status in ("closed", "waived")
            told[f"{task.kind}_total"] += 1
            told[f"{task.kind}_done"] += is_over
            told[f"{task.kind}_overdue"] += not is_over and task.due_on < self.today
        for kind in KINDS:
            told[f"{kind}_done_bp"] = rate(told[f"{kind}_done"], told[f"{kind}_total"])
        return told

    def _counters(self, owner, all_of_them):
        """Of each registered institution what an owner told of it, and that it is there."""
        for one in all_of_them:
            if self._is_registered(one):
                yield one.counters.get(owner, defaultdict(int))

    def _added(self, owner, all_of_them):
        told = defaultdict(int)
        for counters in self._counters(owner, all_of_them):
            for name, value in counters.items():
                told[name] += value
        return told

    def funds(self, all_of_them):
        told = self._added("institution", all_of_them)
        told["registered"] = sum(1 for _ in self._counters("institution", all_of_them))
        told["filed_bp"] = rate(told["filed"], told["registered"])
        told["deposit_too_low"] = sum(
            each["deposit_stated"] == 1 and each["deposit_balance_fen"] < each["cycle_total_fen"]
            for each in self._counters("institution", all_of_them)
        )
        return told

    def staff(self, all_of_them):
        told = self._added("staff", all_of_them)
        for each in self._counters("staff", all_of_them):
            if each["employed"]:
                share = each["instructors_full_time"] / each["employed"]
                told[f"instructors_{band(share)}"] += 1
        told["full_time_bp"] = rate(told["full_time"], told["employed"])
        told["certified_bp"] = rate(told["teachers_certified"], told["teaching"])
        return told

    def materials(self, all_of_them):
        told = self._added("materials", all_of_them)
        told["external_decided"] = told["external_pass"] + told["external_fail"]
        told["external_pass_bp"] = rate(told["external_pass"], told["external_decided"])
        return told

    def classes(self, all_of_them):
        return self._added("courses", all_of_them)

    sites = systems = classes

    def licences(self, all_of_them):
        return self._added("institution", all_of_them)

    def failed_rules(self, all_of_them):
        now, before = self._broken(all_of_them)
        return {
            "institutions": sum(len(each) for each in now.values()),
            "institutions_before": sum(len(each) for each in before.values()),
        }

    def _broken(self, all_of_them):
        """Who broke which rule, this month and the month before."""
        now, before = defaultdict(set), defaultdict(set)
        last = (self.month - timedelta(days=1)).replace(day=1)
        for one in all_of_them:
            for filed in one.applications:
                for rule_id in filed.rules:
                    if self.month <= filed.as_of <= self.today:
                        now[rule_id].add(one.institution_id)
                    elif last <= filed.as_of < self.month:
                        before[rule_id].add(one.institution_id)
        return now, before

    def ranked_rules(self, all_of_them):
        now, before = self._broken(all_of_them)
        rules = sorted({*now, *before}, key=lambda rule: (-len(now[rule]), rule))
        return [(rule, [len(now[rule]), len(before[rule])]) for rule in rules]

    def workload(self, authorities):
        told = defaultdict(int)
        ids = {each.authority_id for each in authorities}
        for filed in (each for one in self.world.institutions for each in one.applications):
            if filed.submitted_on is None or filed.authority.authority_id not in ids:
                continue
            if not filed.has_decision:
                told["pending"] += 1
                told["overdue"] += not filed.is_paused and filed.due_in < 0
                told["amber"] += not filed.is_paused and 0 <= filed.due_in <= 5
            elif self.month <= filed.decided_on <= self.today:
                told["decided"] += 1
                told["decided_late"] += filed.late == 3
        told["late_bp"] = rate(told["decided_late"], told["decided"])
        return told

    def recoveries(self, requests):
        told = defaultdict(int)
        for one in requests:
            told["submitted"] += self.month <= one.submitted_on <= self.today
            told["pending"] += one.status == "submitted"
            if one.handled_on is not None and self.month <= one.handled_on <= self.today:
                told[one.status] += 1
        return told


def band(share):
    if share < 0.5:
        return "below_30" if share < 0.3 else "30_to_50"
    return "50_to_80" if share < 0.8 else "above_80"


def rate(part, whole):
    return None if not whole else int(part / whole * 10_000 + 0.5)


def division(county, above):
    """The division below `above` in which a county lies."""
    if above == "000000":
        return f"{county[:2]}0000"
    if above.endswith("0000"):
        has_no_city = county[:2] in MUNICIPAL or county[2:4] == "90"
        return county if has_no_city else f"{county[:4]}00"
    return county


def inside(county, region):
    digits = region.rstrip("0") or ""
    digits = digits + "0" * (len(digits) % 2)
    return county.startswith(digits)
