"""Waits end"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    """Waits end."""
    with op.batch_alter_table('wait', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stopped_on', sa.Date(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_wait_resident_id'), type_='unique')
        batch_op.drop_index('ix_wait_talked_on')
        batch_op.create_index('ix_wait_talked_on', ['talked_on', 'since', 'stopped_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_wait_resident_id'), ['resident_id'], unique=False)
        batch_op.create_index('uq_wait_one_holds', ['resident_id'], unique=True, sqlite_where=sa.text('stopped_on IS NULL'), postgresql_where=sa.text('stopped_on IS NULL'))

    with op.batch_alter_table('blocker', schema=None) as batch_op:
        batch_op.drop_index('ix_blocker_counted', sqlite_where=sa.text('passed_on IS NOT NULL'), postgresql_where=sa.text('passed_on IS NOT NULL'))
        batch_op.create_index('ix_blocker_counted', ['whose', 'passed_on', 'gone_at', 'heading_id', 'resident_id'], unique=False, sqlite_where=sa.text('passed_on IS NOT NULL'), postgresql_where=sa.text('passed_on IS NOT NULL'))

    with op.batch_alter_table('ending', schema=None) as batch_op:
        batch_op.create_index('ix_ending_standing', ['standing', 'resident_id'], unique=False)

    with op.batch_alter_table('goal', schema=None) as batch_op:
        batch_op.drop_index('ix_goal_state_own_words')
        batch_op.create_index('ix_goal_state_own_words', ['state', 'own_words', 'resident_id'], unique=False)

    # whoever said "not now" before waited on; their newest ending is what holds
    op.execute(
        "UPDATE wait SET stopped_on = (SELECT date(at) FROM ending WHERE ending.resident_id = wait.resident_id"
        " ORDER BY id DESC LIMIT 1) WHERE talked_on IS NULL AND 'not_now' = (SELECT standing FROM ending"
        " WHERE ending.resident_id = wait.resident_id ORDER BY id DESC LIMIT 1)"
    )


def downgrade():
    """Undo it."""
    with op.batch_alter_table('goal', schema=None) as batch_op:
        batch_op.drop_index('ix_goal_state_own_words')
        batch_op.create_index('ix_goal_state_own_words', ['state', 'own_words'], unique=False)

    with op.batch_alter_table('ending', schema=None) as batch_op:
        batch_op.drop_index('ix_ending_standing')

    with op.batch_alter_table('blocker', schema=None) as batch_op:
        batch_op.drop_index('ix_blocker_counted', sqlite_where=sa.text('passed_on IS NOT NULL'), postgresql_where=sa.text('passed_on IS NOT NULL'))
        batch_op.create_index('ix_blocker_counted', ['whose', 'passed_on', 'gone_at', 'heading_id'], unique=False, sqlite_where=sa.text('passed_on IS NOT NULL'), postgresql_where=sa.text('passed_on IS NOT NULL'))

    # one row of each person is left: the one that holds, else the newest
    op.execute(
        "DELETE FROM wait WHERE stopped_on IS NOT NULL AND EXISTS (SELECT 1 FROM wait AS other WHERE"
        " other.resident_id = wait.resident_id AND (other.stopped_on IS NULL OR other.id > wait.id))"
    )
    with op.batch_alter_table('wait', schema=None) as batch_op:
        batch_op.drop_index('uq_wait_one_holds', sqlite_where=sa.text('stopped_on IS NULL'), postgresql_where=sa.text('stopped_on IS NULL'))
        batch_op.drop_index(batch_op.f('ix_wait_resident_id'))
        batch_op.drop_index('ix_wait_talked_on')
        batch_op.create_index('ix_wait_talked_on', ['talked_on', 'since'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_wait_resident_id'), ['resident_id'])
        batch_op.drop_column('stopped_on')
