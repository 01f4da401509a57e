"""The forms of what residents ask the managers."""

from flask_babel import lazy_gettext as _l

from deal.forms import Form, OneOfField, VersionedForm, WordsField, choices_of
from deal.manager_requests.models import RequestKind

ASK_KINDS = {
    RequestKind.OTHER_COACH: _l("I would like a different coach"),
    RequestKind.SOMETHING_WRONG: _l("Something is wrong"),
}


class AskForm(Form):
    kind = OneOfField(_l("What is it about?"), choices=choices_of(ASK_KINDS), needed=_l("Choose what it is about."))
    words = WordsField(_l("Would you like to say more?"), description=_l("You can leave this empty."))


class AnswerForm(VersionedForm):
    sent_to = "manager_requests.answer_ask"
    answer = WordsField(_l("Your answer"), needed=_l("Write what you have done, or will do."), render_kw={"rows": 3})
