"""The press that published a version of the questions"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    """The press that published a version of the questions."""
    with op.batch_alter_table('question_set', schema=None) as batch_op:
        batch_op.add_column(sa.Column('once_key', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_question_set_once_key'), ['once_key'], unique=True)


def downgrade():
    """Undo it."""
    with op.batch_alter_table('question_set', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_set_once_key'))
        batch_op.drop_column('once_key')
