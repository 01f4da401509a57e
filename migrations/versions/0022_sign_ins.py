"""Sign-ins know no once key and say where they are; wrong tries are counted by account"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade():
    """Waits that go on at this moment end. Codes that a newer one replaced were marked as used: they run out instead."""
    op.execute("UPDATE one_time_code SET runs_out_at = used_at WHERE used_at IS NOT NULL AND runs_out_at > used_at")
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_sign_in_once_key'), type_='unique')
        batch_op.drop_column('once_key')
        batch_op.add_column(sa.Column('browser', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('system', sa.String(length=20), nullable=True))
    op.drop_table('try')
    op.create_table('login_throttle',
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_throttle')),
    sa.UniqueConstraint('subject', name=op.f('uq_login_throttle_subject')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('login_throttle', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_throttle_tried_at'), ['tried_at'], unique=False)


def downgrade():
    """Undo it."""
    op.drop_table('login_throttle')
    op.create_table('try',
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('right', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_try')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('try', schema=None) as batch_op:
        batch_op.create_index('ix_try_subject_at', ['subject', 'at'], unique=False)
        batch_op.create_index('ix_try_address_at', ['address', 'at'], unique=False)
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_column('system')
        batch_op.drop_column('browser')
        batch_op.add_column(sa.Column('once_key', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_sign_in_once_key'), ['once_key'])
