"""The event edge of compliance: sections, closings, registrations, materials, institutions,
authorities.
"""

from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_compliance.commands import (
    casework,
    deregistration,
    gathering,
    leases,
    rectification,
    references,
    statistics,
)
from otsp_contracts.auth import (
    AuthClosingDone,
    AuthorityChanged,
    DelegationChanged,
    RecoveryRequestChanged,
)
from otsp_contracts.courses import (
    CoursesClosingDone,
    CoursesCountersChanged,
    CoursesSnapshotProvided,
    RelocationProposed,
)
from otsp_contracts.institution import (
    InstitutionClosingDone,
    InstitutionCountersChanged,
    InstitutionSnapshotProvided,
    ProfileChanged,
    RegistrationSubmitted,
)
from otsp_contracts.materials import (
    ExternalReviewRequested,
    MaterialsClosingDone,
    MaterialsCountersChanged,
    MaterialsSnapshotProvided,
)
from otsp_contracts.staff import StaffClosingDone, StaffCountersChanged, StaffSnapshotProvided


@on(InstitutionSnapshotProvided)
def receive_institution_section(tx: Tx, event: Received[InstitutionSnapshotProvided]) -> None:
    gathering.receive_section(tx, event.data)


@on(StaffSnapshotProvided)
def receive_staff_section(tx: Tx, event: Received[StaffSnapshotProvided]) -> None:
    gathering.receive_section(tx, event.data)


@on(MaterialsSnapshotProvided)
def receive_materials_section(tx: Tx, event: Received[MaterialsSnapshotProvided]) -> None:
    gathering.receive_section(tx, event.data)


@on(CoursesSnapshotProvided)
def receive_courses_section(tx: Tx, event: Received[CoursesSnapshotProvided]) -> None:
    gathering.receive_section(tx, event.data)


@on(InstitutionClosingDone)
def note_institution_closed(tx: Tx, event: Received[InstitutionClosingDone]) -> None:
    deregistration.note_done(tx, event.data)


@on(StaffClosingDone)
def note_staff_closed(tx: Tx, event: Received[StaffClosingDone]) -> None:
    deregistration.note_done(tx, event.data)


@on(MaterialsClosingDone)
def note_materials_closed(tx: Tx, event: Received[MaterialsClosingDone]) -> None:
    deregistration.note_done(tx, event.data)


@on(CoursesClosingDone)
def note_courses_closed(tx: Tx, event: Received[CoursesClosingDone]) -> None:
    deregistration.note_done(tx, event.data)


@on(AuthClosingDone)
def note_accounts_closed(tx: Tx, event: Received[AuthClosingDone]) -> None:
    deregistration.note_done(tx, event.data)


@on(RegistrationSubmitted)
def open_registration_case(tx: Tx, event: Received[RegistrationSubmitted]) -> None:
    references.keep_registrant(tx, event.data)
    casework.open_registration_case(tx, event.data)


@on(ExternalReviewRequested)
def open_external_review_case(tx: Tx, event: Received[ExternalReviewRequested]) -> None:
    casework.open_external_review_case(tx, event.data)


@on(ProfileChanged)
def keep_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    """The law may order something of such an institution; a case may have waited for it."""
    references.keep_institution(tx, event.data)
    rectification.follow_profile(tx, event.data.institution_id)
    casework.route_waiting_cases(tx)


@on(AuthorityChanged)
def keep_authority(tx: Tx, event: Received[AuthorityChanged]) -> None:
    """Cases may have waited for an authority to be there, or be held by who has left it."""
    references.keep_authority(tx, event.data)
    leases.free_cases_of_leavers(tx, event.data.authority_id)
    casework.route_waiting_cases(tx)


@on(DelegationChanged)
def keep_leave_cover(tx: Tx, event: Received[DelegationChanged]) -> None:
    references.keep_leave_cover(tx, event.data)


@on(RecoveryRequestChanged)
def keep_recovery(tx: Tx, event: Received[RecoveryRequestChanged]) -> None:
    references.keep_recovery(tx, event.data)


@on(RelocationProposed)
def keep_relocation(tx: Tx, event: Received[RelocationProposed]) -> None:
    references.keep_relocation(tx, event.data)


@on(InstitutionCountersChanged)
def keep_institution_counters(tx: Tx, event: Received[InstitutionCountersChanged]) -> None:
    statistics.keep_counters(tx, event.data)


@on(StaffCountersChanged)
def keep_staff_counters(tx: Tx, event: Received[StaffCountersChanged]) -> None:
    statistics.keep_counters(tx, event.data)


@on(MaterialsCountersChanged)
def keep_materials_counters(tx: Tx, event: Received[MaterialsCountersChanged]) -> None:
    statistics.keep_counters(tx, event.data)


@on(CoursesCountersChanged)
def keep_courses_counters(tx: Tx, event: Received[CoursesCountersChanged]) -> None:
    statistics.keep_counters(tx, event.data)
