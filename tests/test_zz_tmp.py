from tests.people import make_full_story
def test_x(visit, nia, sam, joe):
    make_full_story(nia, sam)
    for who in (nia, sam):
        b = visit(who)
        for p in ("summary","change"):
            if p=="change" and who is nia: continue
            b.get(f"/residents/{nia.id}/{p}")
            print(who.name, p, len(b.statements))
            for s in b.statements: print("    ", s[:110].replace("\n"," "), "...", s.partition("FROM")[2][:60].replace("\n"," "))
