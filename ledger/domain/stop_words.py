"""Words that no note may hold, by what they would reveal.

A note is about money and messages. What a patient was treated for, and what else is nobody's
business in the collection of a claim (helsepersonelloven § 21; GDPR art. 9 and 10), belongs to
the clinic or nowhere. ``*`` stands for any letters or none: ``gravid*`` for all words that begin
so, ``*sykdom*`` for all that hold it. Any other word stands for itself alone. Case does not matter.

Left out on purpose are words that invoices and phone calls can't do without: doctor, clinic,
hospital, consultation, certificate, exemption card, dentist; and ``syk`` and ``sick``, since that
somebody is away is said of agents too. First names are not in it: Kristen, Christian.
"""

from typing import Final, Literal

Topic = Literal["health", "religion", "union", "criminal", "politics_and_origin", "sexuality"]

STOP_WORDS: Final[tuple[tuple[Topic, tuple[str, ...], tuple[str, ...]], ...]] = (
    (  # illness of the mind
        "health",
        (
            "adhd", "*angst", "angst*", "anoreksi*", "autis*", "bipolar*", "bulimi*", "demens*",
            "dement", "depr*", "*depresjon*", "diagnos*", "psyk*", "*psykiatri*", "ptsd",
            "schizofren*", "selvmord*", "selvskad*", "spiseforstyrr*", "suicid*", "traume*",
            "tvangslid*", "utbrent*",
        ),
        (
            "anorexi*", "anxiety", "burnout", "dement*", "depress*", "eating disorder*",
            "mental*", "panic attack*", "psych*", "schizophren*", "self harm*", "self-harm*",
            "suicide*", "trauma*",
        ),
    ),
    (  # illness of the body
        "health",
        (
            "allergi*", "als", "astma*", "betennelse*", "blodtrykk*", "brokk*", "diabet*",
            "eksem*", "epileps*", "hepatitt*", "herpes*", "hiv", "hjerneslag*", "hjerteinfarkt*",
            "infeksjon*", "influensa*", "klamydia*", "kols", "korona*", "blodkreft*", "brystkreft*",
            "hudkreft*", "kreft*", "lungekreft*", "tarmkreft*", "leddgikt*", "leukemi*",
            "lungebetenn*", "metastas*", "migrene*", "multippel sklerose",
            "overvekt*", "parkinson*", "prostat*", "psoriasis*", "*smerte*", "smitte*", "svulst*",
            "sukkersyk*", "syfilis*", "*sykdom*", "tumor*", "vondt i", "aids", "covid*",
        ),
        (
            "allerg*", "arthritis*", "asthma*", "blood pressure", "cancer*", "chlamydia*",
            "copd", "disease*", "eczema*", "flu", "fracture*", "heart attack*", "hepatitis*",
            "illness*", "infection*", "leukaemi*", "leukemi*", "migraine*",
            "multiple sclerosis", "obes*", "pneumonia*", "sexually transmitted*", "std",
            "stroke", "symptom*", "syphilis*", "tumour*",
        ),
    ),
    (  # what is done about it
        "health",
        (
            "antibiotika*", "antidepress*", "behandlet for", "behandles for", "biopsi*",
            "blodprøve*", "celleprøve*", "cellegift*", "dialyse*", "epikrise*", "gynekolog*",
            "innlagt på", "insulin*", "journalnotat*", "koloskopi*", "mammografi*",
            "medisiner*", "metadon*", "morfin*", "mr-undersøk*", "*operasjon*",
            "operert*", "prøvesvar*", "resept", "resepten", "ritalin*", "røntgen*", "smertestill*",
            "strålebehand*", "sykemeld*", "sykmeld*", "symptom*", "terapi*", "tvangsinn*",
            "ultralyd*", "*vaksine*", "sovemed*", "sobril", "valium", "paracet*", "penicillin*",
        ),
        (
            "antidepress*", "antibiotic*", "biops*", "blood test*", "chemotherap*",
            "colonoscop*", "diagnos*", "gynaecolog*", "gynecolog*", "lab result*", "mammogra*",
            "medication*", "medicine*", "methadone*", "morphine*", "painkiller*",
            "prescription*", "radiotherap*", "sick leave", "surger*", "therap*", "treated for",
            "treatment for", "ultrasound*", "vaccin*", "x-ray*",
        ),
    ),
    (  # pregnancy, fertility, contraception
        "health",
        (
            "abort", "aborten", "assistert befruktning", "fertilitet*", "fødsel", "gravid*", "ivf",
            "p-pille*", "prevensjon*", "prøverør*", "spiral", "sterilis*", "svangerskap*",
        ),
        ("abortion*", "birth control", "contracepti*", "fertility*", "infertil*", "miscarriage*",
         "pregnan*"),
    ),
    (  # addiction
        "health",
        ("alkohol*", "avhengighet*", "avrus*", "narko*", "overdose*", "rus", "rusbeh*",
         "rusmi*", "ruspoli*", "rusproblem*", "spilleavh*"),
        ("addict*", "alcohol*", "drug abuse*", "drug use*", "overdos*", "rehab*",
         "substance abuse"),
    ),
    (
        "religion",
        ("ateist*", "buddhis*", "hindu*", "jehovas vitne*", "jøde*", "jødisk*", "katolikk*",
         "katolsk*", "kristendom*", "livssyn*", "menighet*", "moske*", "moské*", "muslim*",
         "pinsevenn*", "religi*", "trossamfunn*"),
        ("atheis*", "catholic*", "church*", "jehovah*", "jewish*", "mosque*", "religio*",
         "synagogue*"),
    ),
    (
        "union",
        ("fagforbund*", "fagforening*", "lo-medlem*", "tillitsvalgt*"),
        ("shop steward*", "trade union*", "union member*"),
    ),
    (
        "criminal",
        ("domfelt*", "fengsel*", "fengsl*", "fotlenke*", "kriminell*", "kriminal*",
         "rulleblad*", "siktelse*", "soner dom*", "straffedom*", "straffedømt*",
         "tiltalt for", "varetekt*", "voldtekt*", "voldsdøm*"),
        ("convict*", "crimin*", "imprison*", "in custody", "in jail", "prison*", "rape*"),
    ),
    (
        "politics_and_origin",
        ("asylsøk*", "etnisk*", "flyktning*", "partimedlem*", "politisk*", "rase", "samisk*"),
        ("asylum*", "ethnic*", "party member*", "political*", "racial*", "refugee*"),
    ),
    (
        "sexuality",
        ("biseksuell*", "homofil*", "kjønnsinkongru*", "kjønnskorr*", "lesbisk*", "seksuell*",
         "transkjønn*", "transperson*"),
        ("bisexual*", "gay", "gender dysphor*", "homosexual*", "lesbian*", "sexual*",
         "transgender*"),
    ),
)  # fmt: skip
"""(topic, Norwegian, English)."""
