"""What one press wrote, and the words it sent, to be undone for ten minutes"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade():
    """One row for each press; and drafts may belong to one, hidden unless it is undone."""
    op.create_table('undo',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('journal', sa.JSON(), nullable=False),
    sa.Column('sent', sa.String(length=24), nullable=True),
    sa.Column('once', sa.String(length=24), nullable=True),
    sa.Column('form_page', sa.String(), nullable=False),
    sa.Column('next_page', sa.String(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_undo_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['resident_id'], ['person.id'], name=op.f('fk_undo_resident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_undo')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('undo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_undo_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_undo_resident_id'), ['resident_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_undo_made_at'), ['made_at'], unique=False)
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.add_column(sa.Column('undo_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_draft_undo_id'), 'undo', ['undo_id'], ['id'], ondelete='CASCADE')
        batch_op.create_index(batch_op.f('ix_draft_undo_id'), ['undo_id'], unique=False)


def downgrade():
    """Undo it: what waits hidden for an undoing goes with it."""
    op.execute('DELETE FROM draft WHERE undo_id IS NOT NULL')
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_draft_undo_id'))
        batch_op.drop_constraint(batch_op.f('fk_draft_undo_id'), type_='foreignkey')
        batch_op.drop_column('undo_id')
    with op.batch_alter_table('undo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_undo_made_at'))
        batch_op.drop_index(batch_op.f('ix_undo_resident_id'))
        batch_op.drop_index(batch_op.f('ix_undo_person_id'))

    op.drop_table('undo')
