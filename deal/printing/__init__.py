"""Everything that is printed: documents, layout, jobs. pdf.py is the only file that knows WeasyPrint."""

from flask import Blueprint

bp = Blueprint("printing", __name__)

from deal.printing import documents, job_views, letters, reply_cards, views  # they add their views to bp
