"""The basic information of an institution says how many work and learn there (§2.3)."""


def test_totals_follow_people_and_classes(town):
    clerk, place = town.clerk("A"), town.path("A", "institution")
    people = clerk.list_all(town.path("A", "staff", "staff"))
    employed = sum(each["status"] == "employed" for each in people)
    tell(town)
    told = clerk.get(place)

    clerk.post(town.path("A", "staff", "staff"), {"name": "周新"})
    tell(town)

    assert told["staff_total"] == employed > 1
    assert told["student_total"] == enrolled(town) > 0
    assert clerk.get(place)["staff_total"] == employed + 1


def tell(town):
    for owner in ("staff", "courses"):
        town.platform.kits[owner].run_job("tell_counters")
    town.platform.settle()


def enrolled(town):
    classes = town.clerk("A").list_all(town.path("A", "courses", "classes"))
    is_open = {"enrolling", "in_session"}
    return sum(each["enrolled"] for each in classes if each["status"] in is_open)
