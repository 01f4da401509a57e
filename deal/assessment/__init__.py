"""About me: question sets, assessments, answers."""
