"""All tables as they are before the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    """Make every table."""
    op.create_table(
        "frozen_block",
        sa.Column("block", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("frozen_by", sa.String(length=200), nullable=True),
        sa.Column("why", sa.String(length=1000), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("definitions", sa.JSON(), nullable=False),
        sa.Column("least_people", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_block")),
        sa.UniqueConstraint("block", "edition", name=op.f("uq_frozen_block_block_edition")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "login_throttle",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_throttle")),
        sa.UniqueConstraint("subject", name=op.f("uq_login_throttle_subject")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_login_throttle_tried_at"), "login_throttle", ["tried_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("label_key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("sign_in_name", sa.String(length=8), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("languages", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_person_sign_in_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_person_closed",
        "person",
        ["role", "id", "closes_at"],
        unique=False,
        sqlite_where=sa.text("closes_at IS NOT NULL"),
        postgresql_where=sa.text("closes_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_person_role"), "person", ["role"], unique=False)
    op.create_table(
        "question_set",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("designed_by", sa.JSON(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_set")),
        sa.UniqueConstraint("version", name=op.f("uq_question_set_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "worker",
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("daily_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "manager_request",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_manager_request_answered_by_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_manager_request_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_request")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_manager_request_open",
        "manager_request",
        ["answered_at", "resident_id"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(op.f("ix_manager_request_resident_id"), "manager_request", ["resident_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_set_id"], ["question_set.id"], name=op.f("fk_assessment_question_set_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_assessment_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_assessment_finished_at",
        "assessment",
        ["finished_at", "resident_id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index("ix_assessment_resident_id_id", "assessment", ["resident_id", "id"], unique=False)
    op.create_index(
        "uq_assessment_one_under_way",
        "assessment",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "business_answer",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("hurts", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_business_answer_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_answer")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_business_answer_week"), "business_answer", ["week"], unique=False)
    op.create_table(
        "chat",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time", sa.Time(), nullable=True),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cannot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_chat_coach_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_chat_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_resident_id_id", "chat", ["resident_id", "id"], unique=False)
    op.create_table(
        "coach_hours",
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_coach_hours_coach_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_hours")),
        sa.UniqueConstraint("coach_id", "week", name=op.f("uq_coach_hours_coach_id_week")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_coach_hours_week"), "coach_hours", ["week"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cover", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_assignment_by_id")),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_assignment_coach_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_assignment_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_assignment_coach_id_until", "assignment", ["coach_id", "until"], unique=False)
    op.create_index(
        "ix_assignment_ended",
        "assignment",
        ["resident_id", "cover", "until"],
        unique=False,
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )
    op.create_index(
        "ix_assignment_now",
        "assignment",
        ["coach_id", "cover", "resident_id"],
        unique=False,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("ix_assignment_resident_id", "assignment", ["resident_id"], unique=False)
    op.create_index(
        "uq_assignment_one_at_a_time",
        "assignment",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL AND NOT cover"),
        postgresql_where=sa.text("until IS NULL AND NOT cover"),
    )
    op.create_table(
        "confirmed_sentence",
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_confirmed_sentence_confirmed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmed_sentence")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "consent",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("on_paper", sa.Date(), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_consent_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seen_by_id"], ["person.id"], name=op.f("fk_consent_seen_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consent_resident_id"), "consent", ["resident_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("talked_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("no_words_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_conversation_coach_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_conversation_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conversation_coach_id"), "conversation", ["coach_id"], unique=False)
    op.create_index("ix_conversation_resident_id_talked_on", "conversation", ["resident_id", "talked_on"], unique=False)
    op.create_index(op.f("ix_conversation_talked_on"), "conversation", ["talked_on"], unique=False)
    op.create_index(op.f("ix_conversation_written_at"), "conversation", ["written_at"], unique=False)
    op.create_table(
        "deal",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_deal_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_deal_fingerprint")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deal_resident_id_id", "deal", ["resident_id", "id"], unique=False)
    op.create_table(
        "ending",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_ending_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_ending_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ending_resident_id_id", "ending", ["resident_id", "id"], unique=False)
    op.create_index("ix_ending_standing", "ending", ["standing", "resident_id"], unique=False)
    op.create_table(
        "goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("own_words", sa.Boolean(), nullable=False),
        sa.Column("became_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["became_id"], ["goal.id"], name=op.f("fk_goal_became_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_goal_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_goal_made_at"), "goal", ["made_at"], unique=False)
    op.create_index("ix_goal_resident_id_id", "goal", ["resident_id", "id"], unique=False)
    op.create_index("ix_goal_state_own_words", "goal", ["state", "own_words", "resident_id"], unique=False)
    op.create_table(
        "heading",
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_heading_made_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_heading_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heading")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invitation",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewal", sa.Boolean(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_thanks_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_me_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_invitation_made_by_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_invitation_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invitation_made_at"), "invitation", ["made_at"], unique=False)
    op.create_index(op.f("ix_invitation_made_by_id"), "invitation", ["made_by_id"], unique=False)
    op.create_index(
        "ix_invitation_no_thanks_at",
        "invitation",
        ["no_thanks_at", "resident_id"],
        unique=False,
        sqlite_where=sa.text("no_thanks_at IS NOT NULL"),
        postgresql_where=sa.text("no_thanks_at IS NOT NULL"),
    )
    op.create_index(
        "ix_invitation_opened_at",
        "invitation",
        ["opened_at", "resident_id"],
        unique=False,
        sqlite_where=sa.text("opened_at IS NOT NULL"),
        postgresql_where=sa.text("opened_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_invitation_resident_id"), "invitation", ["resident_id"], unique=False)
    op.create_index(
        "uq_invitation_one_at_a_time",
        "invitation",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "letter_picture",
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_letter_picture_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_picture")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letter_picture_place_id", "letter_picture", ["place", "id"], unique=False)
    op.create_table(
        "access_log",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_access_log_resident_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["person.id"], name=op.f("fk_access_log_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
        sa.UniqueConstraint(
            "resident_id", "staff_id", "page", "hour", name=op.f("uq_access_log_resident_id_staff_id_page_hour")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_log_resident_id_id", "access_log", ["resident_id", "id"], unique=False)
    op.create_table(
        "staff_exclusion",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_staff_exclusion_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["person.id"], name=op.f("fk_staff_exclusion_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_exclusion")),
        sa.UniqueConstraint("resident_id", "staff_id", name=op.f("uq_staff_exclusion_resident_id_staff_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_exclusion_staff_id"), "staff_exclusion", ["staff_id"], unique=False)
    op.create_table(
        "one_time_code",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("runs_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_one_time_code_made_by_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_one_time_code_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("person_id", "code_hash", name=op.f("uq_one_time_code_person_id_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_one_time_code_code_hash"), "one_time_code", ["code_hash"], unique=False)
    op.create_table(
        "print_job",
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(length=32), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_print_job_asked_by_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_print_job_asked_by_id"), "print_job", ["asked_by_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("let_go_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("let_go_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["let_go_by_id"], ["person.id"], name=op.f("fk_promise_let_go_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_promise_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_promise_resident_id_id", "promise", ["resident_id", "id"], unique=False)
    op.create_table(
        "question_draft",
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["person.id"],
            name=op.f("fk_question_draft_changed_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_draft")),
        sa.UniqueConstraint("only", name=op.f("uq_question_draft_only")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contact_preferences",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("times", sa.Text(), nullable=True),
        sa.Column("message_is_safe", sa.Boolean(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("phone_by_id", sa.Integer(), nullable=True),
        sa.Column("phone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_by_id"], ["person.id"], name=op.f("fk_contact_preferences_phone_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_contact_preferences_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_preferences")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_contact_preferences_resident_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "section",
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_set_id"], ["question_set.id"], name=op.f("fk_section_question_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_section_question_set_id"), "section", ["question_set_id"], unique=False)
    op.create_table(
        "last_viewed",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_last_viewed_resident_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["person.id"], name=op.f("fk_last_viewed_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_last_viewed")),
        sa.UniqueConstraint("resident_id", "staff_id", name=op.f("uq_last_viewed_resident_id_staff_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_last_viewed_staff_id"), "last_viewed", ["staff_id"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_setting_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_setting_key_id", "setting", ["key", "id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(length=20), nullable=True),
        sa.Column("system", sa.String(length=20), nullable=True),
        sa.Column("helper", sa.String(length=20), nullable=True),
        sa.Column("helped_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("sign_in_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_page", sa.String(), nullable=True),
        sa.Column("form_page", sa.String(), nullable=True),
        sa.Column("journal", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sent", sa.String(length=24), nullable=True),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_submission_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("key", name=op.f("uq_submission_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_submission_made_at"), "submission", ["made_at"], unique=False)
    op.create_index(op.f("ix_submission_person_id"), "submission", ["person_id"], unique=False)
    op.create_index(op.f("ix_submission_resident_id"), "submission", ["resident_id"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("question_set_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_set_id"], ["question_set.id"], name=op.f("fk_suggestion_question_set_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_suggestion_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_suggestion_resident_id"), "suggestion", ["resident_id"], unique=False)
    op.create_table(
        "summary_choice",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("shows", sa.JSON(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_summary_choice_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_choice")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_summary_choice_resident_id_id", "summary_choice", ["resident_id", "id"], unique=False)
    op.create_table(
        "suspension",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_suspension_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_suspension_ended_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_suspension_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_suspension_person_id"), "suspension", ["person_id"], unique=False)
    op.create_index(
        "uq_suspension_one_at_a_time",
        "suspension",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "first_talk_wait",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("talked_on", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_first_talk_wait_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_talk_wait")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_first_talk_wait_resident_id"), "first_talk_wait", ["resident_id"], unique=False)
    op.create_index("ix_first_talk_wait_talked_on", "first_talk_wait", ["talked_on", "since", "stopped_on"], unique=False)
    op.create_index(
        "uq_first_talk_wait_one_holds",
        "first_talk_wait",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("stopped_on IS NULL"),
        postgresql_where=sa.text("stopped_on IS NULL"),
    )
    op.create_table(
        "weekly_places",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_weekly_places_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_places")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_weekly_places_week"), "weekly_places", ["week"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("seen_by", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_agreement_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_agreement_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("deal_id", "side", name=op.f("uq_agreement_deal_id_side")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("promise_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_card_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_card_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_card_promise_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_card_resident_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["typed_by_id"], ["person.id"], name=op.f("fk_card_typed_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("number_hash", name=op.f("uq_card_number_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_card_resident_id"), "card", ["resident_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("heading_id", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_change_by_id")),
        sa.ForeignKeyConstraint(["heading_id"], ["heading.id"], name=op.f("fk_change_heading_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_heading_id"), "change", ["heading_id"], unique=False)
    op.create_index(
        "uq_change_one_holds",
        "change",
        ["heading_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "check_in",
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("helped", sa.Text(), nullable=True),
        sa.Column("in_the_way", sa.Text(), nullable=True),
        sa.Column("celebrate", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_check_in_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_check_in_said_by_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["typed_by_id"], ["person.id"], name=op.f("fk_check_in_typed_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_check_in_goal_id_id", "check_in", ["goal_id", "id"], unique=False)
    op.create_index(op.f("ix_check_in_said_by_id"), "check_in", ["said_by_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_draft_author_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_draft_resident_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_draft_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("author_id", "place", "page", name=op.f("uq_draft_author_id_place_page")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_draft_kept_at"), "draft", ["kept_at"], unique=False)
    op.create_index("ix_draft_place", "draft", ["place"], unique=False)
    op.create_index(op.f("ix_draft_resident_id"), "draft", ["resident_id"], unique=False)
    op.create_index(op.f("ix_draft_submission_id"), "draft", ["submission_id"], unique=False)
    op.create_table(
        "goal_state",
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_goal_state_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_goal_state_goal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_state")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_goal_state_goal_id"), "goal_state", ["goal_id"], unique=False)
    op.create_index("ix_goal_state_state_at", "goal_state", ["state", "at"], unique=False)
    op.create_table(
        "kept_answer",
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_kept_answer_promise_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_answer_promise_id_id", "kept_answer", ["promise_id", "id"], unique=False)
    op.create_index(
        "uq_kept_answer_one_holds",
        "kept_answer",
        ["promise_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "note",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("taking_away", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_note_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["typed_by_id"], ["person.id"], name=op.f("fk_note_typed_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_note_conversation_id"), "note", ["conversation_id"], unique=False)
    op.create_table(
        "print_file",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_file_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_file")),
        sa.UniqueConstraint("job_id", "part", name=op.f("uq_print_file_job_id_part")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "promise_note",
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_promise_note_promise_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["typed_by_id"],
            ["person.id"],
            name=op.f("fk_promise_note_typed_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_promise_note_promise_id"), "promise_note", ["promise_id"], unique=False)
    op.create_table(
        "promise_wording",
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_promise_wording_promise_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["typed_by_id"],
            ["person.id"],
            name=op.f("fk_promise_wording_typed_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_wording")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_promise_wording_due_on"), "promise_wording", ["due_on"], unique=False)
    op.create_index("ix_promise_wording_promise_id_id", "promise_wording", ["promise_id", "id"], unique=False)
    op.create_index(
        "uq_promise_wording_one_holds",
        "promise_wording",
        ["promise_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "pulse",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("feels", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_pulse_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_pulse_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_pulse_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_pulse_resident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_pulse_assessment_id")),
        sa.UniqueConstraint("conversation_id", "by_id", name=op.f("uq_pulse_conversation_id_by_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pulse_at"), "pulse", ["at"], unique=False)
    op.create_index(op.f("ix_pulse_resident_id"), "pulse", ["resident_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("core", sa.Boolean(), nullable=False),
        sa.Column("shows", sa.String(length=40), nullable=True),
        sa.Column("prompt", sa.JSON(), nullable=False),
        sa.Column("hint", sa.JSON(), nullable=False),
        sa.Column("low", sa.JSON(), nullable=False),
        sa.Column("high", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_question_section_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("section_id", "key", name=op.f("uq_question_section_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_question_section_id"), "question", ["section_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_step_added_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_step_goal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_step_goal_id"), "step", ["goal_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("unreadable", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("helper", sa.String(length=20), nullable=True),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_back_how", sa.String(length=20), nullable=True),
        sa.Column("report", sa.String(length=20), nullable=True),
        sa.Column("report_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_by_id", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.ForeignKeyConstraint(["report_by_id"], ["person.id"], name=op.f("fk_answer_report_by_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["person.id"], name=op.f("fk_answer_resident_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["typed_by_id"], ["person.id"], name=op.f("fk_answer_typed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_answer_resident_id"), "answer", ["resident_id"], unique=False)
    op.create_index(
        "uq_answer_one_holds",
        "answer",
        ["assessment_id", "question_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "blocker",
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("check_in_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("whose", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("passed_words", sa.Text(), nullable=True),
        sa.Column("passed_language", sa.String(length=10), nullable=True),
        sa.Column("passed_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heading_id", sa.Integer(), nullable=True),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_blocker_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_in.id"], name=op.f("fk_blocker_check_in_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_blocker_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["heading_id"], ["heading.id"], name=op.f("fk_blocker_heading_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_blocker_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocker")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_blocker_check_in_id"), "blocker", ["check_in_id"], unique=False)
    op.create_index(op.f("ix_blocker_conversation_id"), "blocker", ["conversation_id"], unique=False)
    op.create_index(
        "ix_blocker_counted",
        "blocker",
        ["whose", "passed_on", "gone_at", "heading_id", "resident_id"],
        unique=False,
        sqlite_where=sa.text("passed_on IS NOT NULL"),
        postgresql_where=sa.text("passed_on IS NOT NULL"),
    )
    op.create_index(op.f("ix_blocker_heading_id"), "blocker", ["heading_id"], unique=False)
    op.create_index(op.f("ix_blocker_resident_id"), "blocker", ["resident_id"], unique=False)
    op.create_index(
        "ix_blocker_waiting",
        "blocker",
        ["heading_id", "passed_on", "gone_at", "resident_id"],
        unique=False,
        sqlite_where=sa.text("passed_on IS NOT NULL AND gone_at IS NULL"),
        postgresql_where=sa.text("passed_on IS NOT NULL AND gone_at IS NULL"),
    )
    op.create_table(
        "translation",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_translation_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["typed_by_id"],
            ["person.id"],
            name=op.f("fk_translation_typed_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_translation_answer_id"), "translation", ["answer_id"], unique=False)
    op.create_table(
        "wording",
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("sure", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("typed_by_id", sa.Integer(), nullable=False),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_back_how", sa.String(length=20), nullable=True),
        sa.Column("not_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quoted_answer_id", sa.Integer(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_wording_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["quoted_answer_id"], ["answer.id"], name=op.f("fk_wording_quoted_answer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_wording_said_by_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["typed_by_id"], ["person.id"], name=op.f("fk_wording_typed_by_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wording_goal_id_id", "wording", ["goal_id", "id"], unique=False)
    op.create_index(op.f("ix_wording_quoted_answer_id"), "wording", ["quoted_answer_id"], unique=False)
    op.create_index(op.f("ix_wording_said_by_id"), "wording", ["said_by_id"], unique=False)
    op.create_index(
        "uq_wording_one_holds",
        "wording",
        ["goal_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "deal_part",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=True),
        sa.Column("promise_wording_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_part_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["promise_wording_id"],
            ["promise_wording.id"],
            name=op.f("fk_deal_part_promise_wording_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wording.id"], name=op.f("fk_deal_part_wording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_part")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deal_part_deal_id"), "deal_part", ["deal_id"], unique=False)
    op.create_index(op.f("ix_deal_part_promise_wording_id"), "deal_part", ["promise_wording_id"], unique=False)
    op.create_index(op.f("ix_deal_part_wording_id"), "deal_part", ["wording_id"], unique=False)
    op.create_table(
        "shared_goal",
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_shared_goal_goal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_shared_goal_resident_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wording.id"], name=op.f("fk_shared_goal_wording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_goal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shared_goal_resident_id"), "shared_goal", ["resident_id"], unique=False)
    op.create_index(op.f("ix_shared_goal_wording_id"), "shared_goal", ["wording_id"], unique=False)
    op.create_index(
        "uq_shared_goal_one_holds",
        "shared_goal",
        ["goal_id"],
        unique=True,
        sqlite_where=sa.text("taken_back_at IS NULL"),
        postgresql_where=sa.text("taken_back_at IS NULL"),
    )


def downgrade():
    """Drop every table."""
    for table in reversed(
        [
            "frozen_block",
            "login_throttle",
            "person",
            "question_set",
            "worker",
            "manager_request",
            "assessment",
            "business_answer",
            "coach_hours",
            "assignment",
            "confirmed_sentence",
            "consent",
            "conversation",
            "deal",
            "ending",
            "goal",
            "heading",
            "invitation",
            "letter_picture",
            "access_log",
            "staff_exclusion",
            "one_time_code",
            "print_job",
            "promise",
            "question_draft",
            "contact_preferences",
            "section",
            "last_viewed",
            "setting",
            "sign_in",
            "submission",
            "suggestion",
            "summary_choice",
            "suspension",
            "first_talk_wait",
            "weekly_places",
            "agreement",
            "card",
            "change",
            "check_in",
            "draft",
            "goal_state",
            "kept_answer",
            "note",
            "print_file",
            "promise_note",
            "promise_wording",
            "pulse",
            "question",
            "step",
            "answer",
            "blocker",
            "translation",
            "wording",
            "deal_part",
            "shared_goal",
        ]
    ):
        op.drop_table(table)
