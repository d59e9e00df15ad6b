"""What makes a form of a report too old: corrections of what it holds, and nothing else that happens meanwhile."""

from incidents.scene import Scene
from incidents.test_photos import a_photo
from sharecare.accounts.schemas import Reason
from sharecare.incidents.corrections import as_it_stood, corrections
from sharecare.incidents.models import Incident
from sharecare.incidents.photos import reencoded
from sharecare.incidents.queries import incident_view
from sharecare.incidents.schemas import Conclusion, IncidentView, ReportDraft
from sharecare.incidents.service import add_photo, close_incident, record_report, reopen_incident


async def view(scene: Scene, incident: Incident) -> IncidentView:
    async with scene.world.database.read() as session:
        return await incident_view(session, incident.id)


async def test_only_what_a_form_holds_makes_it_too_old(scene: Scene) -> None:
    incident = await scene.report(scene.draft(unconscious=True))
    one, staff, world = incident.id, scene.world.staff, scene.world
    report, ending = ReportDraft.model_validate({"report": "first"}), Conclusion(conclusion="段差に印")
    more = Reason(reason="診断が出た")

    await world.do(lambda s: add_photo(s, by=scene.helper, incident_id=one, photo=reencoded(a_photo()), now=world.now))
    await world.do(lambda s: record_report(s, by=staff, incident_id=one, draft=report, now=world.now))
    await world.do(lambda s: close_incident(s, by=staff, incident_id=one, draft=ending, now=world.now))
    await world.do(lambda s: reopen_incident(s, by=staff, incident_id=one, draft=more, now=world.now))
    await scene.change(incident, note="電話しました", witnesses=[{"name": "目撃 太郎"}])
    assert corrections(await view(scene, incident)) == []

    await scene.change(incident, place="園の門", unconscious=False)
    await scene.change(incident, place="公園")

    known = await view(scene, incident)
    assert corrections(known) == [{"place": incident.place, "unconscious": True}, {"place": "園の門"}]
    stood = [as_it_stood(known, drawn) for drawn in range(3)]
    assert [(facts["place"], facts["unconscious"]) for facts in stood] == [
        *((incident.place, True), ("園の門", False), ("公園", False))
    ]
