"""One draft a page"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade():
    """Drafts of every form: whom they are about, and which open page keeps them. Those that were kept stay."""
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.add_column(sa.Column('resident_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('page', sa.String(length=20), nullable=False, server_default='before'))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
        batch_op.alter_column('place', existing_type=sa.String(length=120), type_=sa.String(length=200),
                              existing_nullable=False)
        batch_op.drop_constraint(batch_op.f('uq_draft_author_id_place'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_draft_author_id_place_page'), ['author_id', 'place', 'page'])
        batch_op.create_foreign_key(batch_op.f('fk_draft_resident_id'), 'person', ['resident_id'], ['id'],
                                    ondelete='CASCADE')
        batch_op.create_index(batch_op.f('ix_draft_resident_id'), ['resident_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_draft_place'), ['place'], unique=False)
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.alter_column('page', existing_type=sa.String(length=20), server_default=None)
        batch_op.alter_column('version', existing_type=sa.Integer(), server_default=None)
    _fill_residents()
    _fields_as_sent()


def _fill_residents():
    """From the address of the page."""
    draft = sa.table('draft', sa.column('id'), sa.column('place'), sa.column('resident_id'))
    person = sa.table('person', sa.column('id'))
    here = set(op.get_bind().execute(sa.select(person.c.id)).scalars())
    for number, place in op.get_bind().execute(sa.select(draft.c.id, draft.c.place)).all():
        parts = place.split('/')
        resident = int(parts[2]) if parts[1:2] == ['residents'] and parts[2].isdigit() else None
        if resident in here:
            op.get_bind().execute(draft.update().where(draft.c.id == number).values(resident_id=resident))


def _fields_as_sent():
    """A question's draft held values; now every field is a list of what the form sends."""
    draft = sa.table('draft', sa.column('id'), sa.column('fields', sa.JSON))
    for number, fields in op.get_bind().execute(sa.select(draft.c.id, draft.c.fields)).all():
        sent = {
            name: [str(one) for one in (value if isinstance(value, list) else [value])]
            for name, value in fields.items()
            if value is not None
        }
        op.get_bind().execute(draft.update().where(draft.c.id == number).values(fields=sent))


def downgrade():
    """Undo it: of each place the newest draft stays."""
    op.execute('DELETE FROM draft WHERE id NOT IN (SELECT max(id) FROM draft GROUP BY author_id, place)')
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_draft_place'))
        batch_op.drop_index(batch_op.f('ix_draft_resident_id'))
        batch_op.drop_constraint(batch_op.f('fk_draft_resident_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_draft_author_id_place_page'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_draft_author_id_place'), ['author_id', 'place'])
        batch_op.drop_column('version')
        batch_op.drop_column('page')
        batch_op.drop_column('resident_id')
        batch_op.alter_column('place', existing_type=sa.String(length=200), type_=sa.String(length=120),
                              existing_nullable=False)
