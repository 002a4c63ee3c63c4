"""The fixed vocabularies of records; their order is the order of menus, columns and ledgers."""

from __future__ import annotations

MARKERS = (
    "references",
    "claims",
    "disagreements",
    "evidence matrix",
    "interaction map",
    "evidence plot",
    "forest plot",
    "timeline",
    "vesicle routes",
    "main interactions",
    "interactions",
    "trials",
    "harms",
    "responses",
    "vesicle trials",
    "cancer trials of MSC",
    "cancer trials of NK cells",
    "trials of both cells",
    "counts",
    "data",
    "changes",
    "downloads",
    "fields",
)
"""Names of generated parts: `{{ name }}` alone on a line stands for one."""

DESIGNS = (
    "randomised trial",
    "non-randomised trial",
    "single-arm trial",
    "cohort",
    "case report",
    "animal",
    "in vitro",
    "systematic review",
    "meta-analysis",
    "narrative review",
    "guideline",
    "regulatory",
    "registry record",
    "press release",
    "web page",
    "notice",
)
"""Study designs of sources."""

LEVELS = (
    "randomised trial",
    "controlled",
    "uncontrolled human",
    "animal",
    "in vitro",
    "systematic review",
    "regulatory",
    "registry or statement",
    "review only",
)
"""Levels of claims, best first: own observations before those that summarise or announce."""

LEVEL_OF_DESIGN = {
    "randomised trial": "randomised trial",
    "non-randomised trial": "controlled",
    "single-arm trial": "uncontrolled human",
    "cohort": "uncontrolled human",
    "case report": "uncontrolled human",
    "animal": "animal",
    "in vitro": "in vitro",
    "systematic review": "systematic review",
    "meta-analysis": "systematic review",
    "guideline": "regulatory",
    "regulatory": "regulatory",
    "registry record": "registry or statement",
    "press release": "registry or statement",
    "web page": "registry or statement",
    "notice": "registry or statement",
    "narrative review": "review only",
}
"""Level that each design can carry."""

HUMAN_LEVELS = ("randomised trial", "controlled", "uncontrolled human", "systematic review")
"""Levels with human outcome data behind them, where certainty may be rated."""

CERTAINTY = ("high", "moderate", "low", "very low")
"""Certainty of evidence (GRADE, doi:10.1136/bmj.39489.470347.AD)."""

CELLS = ("MSC", "NK", "MSC-EV", "NK-EV")
"""Actors and targets of interactions, and what trials give: cells, and vesicles of each."""

EFFECTS = ("increases", "decreases", "no change", "mixed")

OUTCOMES = (
    "proliferation",
    "cytotoxicity",
    "cytokine release",
    "receptor expression",
    "degranulation",
    "survival",
    "recruitment",
    "lysis",
    "differentiation",
    "metabolism",
    "tumour control",
    "GVHD",
    "function (measure not named)",
)
"""What an interaction changes in the target; `lysis` is death of the target at the hands of the actor."""

FACTORS = (
    "whole cell",
    "soluble factors",
    "cell contact",
    "extracellular vesicles",
    "IDO",
    "PGE2",
    "TGF-β1",
    "HLA-G5",
    "IL-10",
    "adenosine",
    "activin A",
    "IL-6",
    "PD-L1/PD-L2",
    "galectin-1",
    "galectin-3",
    "galectin-9",
    "Notch",
    "type I interferon",
    "IFN-γ",
    "TNF-α",
    "IL-1",
    "IL-2",
    "IL-12",
    "IL-15",
    "IL-18",
    "IL-21",
    "CCL2",
    "CCL5",
    "CXCL9/CXCL10",
    "NAP-2/CXCL7",
    "NKp30",
    "NKp44",
    "NKp46",
    "NKG2D",
    "DNAM-1",
    "CD16",
    "NKG2A",
    "KIR",
    "HLA class I",
    "HLA-E",
    "LFA-1/ICAM-1",
    "serpin B9",
    "perforin/granzyme",
    "FasL",
    "TRAIL",
    "TLR3",
    "TLR4",
    "reactive oxygen species",
    "hypoxia",
    "platelet lysate",
    "apoptosis of MSC",
    "complement",
    "iNOS",
    "miRNA",
    "TSG-6",
    "CD73",
    "CXCL12",
    "HLA-G",
    "TGF-β",
    "OX40L",
)
"""What carries an interaction; several are joined by ' + '. `whole cell`: no factor was isolated."""

TISSUES = (
    "bone marrow",
    "adipose tissue",
    "Wharton's jelly",
    "umbilical cord",
    "cord blood",
    "placenta",
    "decidua",
    "amnion",
    "fetal liver",
    "menstrual blood",
    "foreskin",
    "embryonic stem cell",
    "nasal mucosa",
    "skin",
    "dental",
    "synovium",
    "iPSC",
    "tumour",
    "cell line",
    "several",
    "peripheral blood",
    "other",
    "not stated",
)
"""Tissue that the cells came from; peripheral blood is for NK cells."""

PHASES = ("early 1", "1", "1/2", "2", "2/3", "3", "4", "not given")

TRIAL_DESIGNS = ("randomised", "controlled", "single-arm", "expanded access", "observational", "not stated")

STATUSES = (
    "not yet recruiting",
    "recruiting",
    "active, not recruiting",
    "enrolling by invitation",
    "completed",
    "terminated",
    "suspended",
    "withdrawn",
    "no longer available",
    "unknown",
    "not seen",
)
"""Recruitment status in the registry; `unknown` is the registry's own word for a record that was not updated,
`no longer available` its word for a closed expanded access; `not seen`: no registration, or no status, was seen."""

DISEASES = (
    "acute GVHD",
    "chronic GVHD",
    "GVHD prevention",
    "engraftment",
    "haematological cancer",
    "solid tumour",
    "brain tumour",
    "lung",
    "kidney",
    "liver",
    "heart",
    "nervous system",
    "joint or bone",
    "skin or wound",
    "eye or ear",
    "bowel",
    "infection",
    "other",
)
"""Group of the condition, for filters."""

DONORS = ("autologous", "allogeneic", "haploidentical", "third party", "cell line", "not stated")

PURPOSES = ("treatment", "prevention", "support")
"""Treatment or prevention of the condition; support: helping another treatment to work."""
