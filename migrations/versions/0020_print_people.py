"""Whose papers a stored print holds, and when it was begun"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade():
    """What is stored does not say whose it is: kept for a day at most, it goes."""
    op.execute("DELETE FROM print_file")
    op.execute("DELETE FROM print_job")
    with op.batch_alter_table('print_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('people', sa.JSON(), nullable=False))
        batch_op.add_column(sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False))


def downgrade():
    """Undo it."""
    with op.batch_alter_table('print_file', schema=None) as batch_op:
        batch_op.drop_column('begun_at')
        batch_op.drop_column('people')
