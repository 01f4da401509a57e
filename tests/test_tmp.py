import pytest
from sqlalchemy import text, delete
from deal.db import db
from deal.people import Person
from tests.people import *
@pytest.mark.on_both
def test_x(app, sam, nia):
    if db.engine.dialect.name=="sqlite": return
    for r in db.session.execute(text("select tgname, tgconstrrelid::regclass, c.conname, c.confdeltype from pg_trigger t join pg_constraint c on c.oid=t.tgconstraint where tgrelid='person'::regclass order by tgname")): print(r)
    g=make_goal(nia)
    db.session.execute(delete(Person).where(Person.id==nia.id))
