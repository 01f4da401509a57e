"""A block of four weeks may be frozen again; the earlier figures stay"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade():
    """Editions of a block, with who made them and why."""
    with op.batch_alter_table('frozen_block', schema=None) as batch_op:
        batch_op.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('frozen_by', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('why', sa.String(length=1000), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_frozen_block_block'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_frozen_block_block_edition'), ['block', 'edition'])
    with op.batch_alter_table('frozen_block', schema=None) as batch_op:
        batch_op.alter_column('edition', existing_type=sa.Integer(), server_default=None)


def downgrade():
    """Undo it: only the first edition of a block stays."""
    op.execute("DELETE FROM frozen_block WHERE edition > 1")
    with op.batch_alter_table('frozen_block', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_frozen_block_block_edition'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_frozen_block_block'), ['block'])
        batch_op.drop_column('why')
        batch_op.drop_column('frozen_by')
        batch_op.drop_column('edition')
