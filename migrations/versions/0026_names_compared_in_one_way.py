"""Names and labels are compared in one way, and hold nothing that cannot be seen"""

import sqlalchemy as sa
from alembic import op

from deal.names import one_line
from deal.people import name_key  # the code's own: keys that it would not make find nobody

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

person = sa.table('person', *(sa.column(name) for name in ('id', 'name', 'label', 'name_key', 'label_key')))


def upgrade():
    """Make every key again, some thousand people at a time."""
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(person).where(person.c.id > last).order_by(person.c.id).limit(5000)
    ).all():
        last = rows[-1].id
        changed = [new for row in rows if (new := _made_again(row)) != dict(row._mapping)]
        if changed:
            update = sa.update(person).where(person.c.id == sa.bindparam('number'))
            values = {key: sa.bindparam(f'new_{key}') for key in ('name', 'label', 'name_key', 'label_key')}
            connection.execute(
                update.values(values),
                [{'number': new.pop('id'), **{f'new_{key}': value for key, value in new.items()}} for new in changed],
            )


def _made_again(row):
    name, label = one_line(row.name) or row.name, one_line(row.label) or ''
    return {'id': row.id, 'name': name, 'label': label, 'name_key': name_key(name), 'label_key': name_key(label)}


def downgrade():
    """The keys before were of the same columns: nothing to undo."""
