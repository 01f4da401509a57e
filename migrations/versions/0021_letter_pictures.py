"""Pictures of the landlord's own in the easy-to-read letter"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade():
    """Whose picture stands where, from when on."""
    op.create_table('letter_picture',
    sa.Column('place', sa.String(length=20), nullable=False),
    sa.Column('png', sa.LargeBinary(), nullable=True),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['set_by_id'], ['person.id'], name=op.f('fk_letter_picture_set_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_picture')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('letter_picture', schema=None) as batch_op:
        batch_op.create_index('ix_letter_picture_place_id', ['place', 'id'], unique=False)


def downgrade():
    """Undo it."""
    with op.batch_alter_table('letter_picture', schema=None) as batch_op:
        batch_op.drop_index('ix_letter_picture_place_id')

    op.drop_table('letter_picture')
