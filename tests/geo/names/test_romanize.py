"""Romanization, rule by rule: the examples of the 1984 spelling rules and names of the pilot district."""

from __future__ import annotations

import csv
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names.categories import GENERICS, Category
from geo.names.numerals import number
from geo.names.readings import Settled, curated
from geo.names.romanize import romanize
from geo.names.similar import shape
from geo.settings import DATA

NATURAL, COUNTY, TOWN, STREET = Category.NATURAL, Category.COUNTY_UP, Category.TOWNSHIP, Category.STREET
VILLAGE, FACILITY, PARK = Category.NATURAL_VILLAGE, Category.FACILITY, Category.PARK

#: (rule, name, category, spelling): examples of 《中国地名汉语拼音字母拼写规则（汉语地名部分）》.
RULES = [
    (1, "太行山", NATURAL, "Tàiháng Shān"),
    (1, "松花江", NATURAL, "Sōnghuā Jiāng"),
    (1, "密云水库", FACILITY, "Mìyún Shuǐkù"),
    (1, "江苏省", COUNTY, "Jiāngsū Shěng"),
    (1, "通县", COUNTY, "Tōng Xiàn"),
    (1, "西峰镇", TOWN, "Xīfēng Zhèn"),
    (1, "友谊乡", TOWN, "Yǒuyì Xiāng"),
    (1, "南京路", STREET, "Nánjīng Lù"),
    (1, "滨江道", STREET, "Bīnjiāng Dào"),
    (1, "长安街", STREET, "Cháng'ān Jiē"),
    (1, "梧桐巷", STREET, "Wútóng Xiàng"),
    (1, "门框胡同", STREET, "Ménkuàng Hútòng"),
    (2, "西辽河", NATURAL, "Xīliáo Hé"),
    (2, "潮白新河", NATURAL, "Cháobái Xīnhé"),
    (2, "北雁荡山", NATURAL, "Běiyàndàng Shān"),
    (2, "小金门岛", NATURAL, "Xiǎojīnmén Dǎo"),
    (2, "景山后街", STREET, "Jǐngshān Hòujiē"),
    (2, "造币左路", STREET, "Zàobì Zuǒlù"),
    (2, "朝阳门内大街", STREET, "Cháoyángménnèi Dàjiē"),
    (2, "南小街", STREET, "Nán Xiǎojiē"),
    (2, "小南街", STREET, "Xiǎo Nánjiē"),
    (2, "南横东街", STREET, "Nánhéng Dōngjiē"),
    (2, "修文西小巷", STREET, "Xiūwén Xīxiǎoxiàng"),
    (2, "东直门外南后街", STREET, "Dōngzhíménwài Nánhòujiē"),
    (2, "广安门北滨河路", STREET, "Guǎng'ānmén Běibīnhé Lù"),
    (3, "王村", VILLAGE, "Wángcūn"),
    (3, "周口店", VILLAGE, "Zhōukǒudiàn"),
    (3, "龙王集", VILLAGE, "Lóngwángjí"),
    (3, "三岔河", VILLAGE, "Sānchàhé"),
    (4, "渤海湾", NATURAL, "Bóhǎi Wān"),
    (4, "黑龙江省", COUNTY, "Hēilóngjiāng Shěng"),
    (4, "景德镇市", COUNTY, "Jǐngdézhèn Shì"),
    (4, "解放路南小街", STREET, "Jiěfànglù Nánxiǎojiē"),
    (4, "包头胡同东巷", STREET, "Bāotóu Hútòng Dōngxiàng"),
    (5, "左权县", COUNTY, "Zuǒquán Xiàn"),
    (5, "张之洞路", STREET, "Zhāngzhīdòng Lù"),
    (5, "欧阳海水库", FACILITY, "Ōuyánghǎi Shuǐkù"),
    (6, "五指山", NATURAL, "Wǔzhǐ Shān"),
    (6, "三门峡", NATURAL, "Sānmén Xiá"),
    (6, "第二松花江", NATURAL, "Dì'èr Sōnghuā Jiāng"),
    (6, "第六屯", VILLAGE, "Dìliùtún"),
    (6, "三八路", STREET, "Sānbā Lù"),
    (6, "五一广场", PARK, "Wǔyī Guǎngchǎng"),
    (7, "1203高地", NATURAL, "1203 Gāodì"),
    (7, "1718峰", NATURAL, "1718 Fēng"),
    (7, "二马路", STREET, "2 Mǎlù"),
    (7, "经五路", STREET, "Jīng 5 Lù"),
    (7, "三环路", STREET, "3 Huánlù"),
    (7, "大川淀一巷", STREET, "Dàchuāndiàn 1 Xiàng"),
    (7, "东四十二条", STREET, "Dōngsì 12 Tiáo"),
    (7, "第九弄", STREET, "Dì-9 Lòng"),
    (8, "十里堡", VILLAGE, "Shílǐpù"),
    (8, "大黄堡", VILLAGE, "Dàhuángbǎo"),
    (8, "吴堡", VILLAGE, "Wúbǔ"),
    (9, "李庄", VILLAGE, "Lǐzhuāng"),
    (9, "珠江", NATURAL, "Zhū Jiāng"),
    (10, "天宁寺西里一巷", STREET, "Tiānníngsì Xīlǐ 1 Xiàng"),
    (11, "西安市", COUNTY, "Xī'ān Shì"),
    (11, "建瓯市", COUNTY, "Jiàn'ōu Shì"),
    (11, "天峨县", COUNTY, "Tiān'é Xiàn"),
    (12, "盆儿胡同", STREET, "Pénr Hútòng"),
    (14, "费县汽车站", FACILITY, "Fèi Xiàn Qìchēzhàn"),
    (14, "北京工人体育馆", FACILITY, "Běijīng Gōngrén Tǐyùguǎn"),
    (14, "二七烈士纪念碑", FACILITY, "Èrqī Lièshì Jìniànbēi"),
    (14, "浙江省测绘局", FACILITY, "Zhèjiāng Shěng Cèhuìjú"),
]

DISTRICT = [
    ("重庆市", COUNTY, "Chóngqìng Shì"),
    ("渝北区", COUNTY, "Yúběi Qū"),
    ("木耳镇", TOWN, "Mù'ěr Zhèn"),
    ("洛碛镇", TOWN, "Luòqì Zhèn"),
    ("茨竹镇", TOWN, "Cízhú Zhèn"),
    ("统景镇", TOWN, "Tǒngjǐng Zhèn"),
    ("石船镇", TOWN, "Shíchuán Zhèn"),
    ("大盛镇", TOWN, "Dàshèng Zhèn"),
    ("古路镇", TOWN, "Gǔlù Zhèn"),
    ("大湾镇", TOWN, "Dàwān Zhèn"),
    ("龙兴镇", TOWN, "Lóngxīng Zhèn"),
    ("兴隆镇", TOWN, "Xīnglóng Zhèn"),
    ("玉峰山镇", TOWN, "Yùfēngshān Zhèn"),
    ("双凤桥街道", Category.SUBDISTRICT, "Shuāngfèngqiáo Jiēdào"),
    ("回兴街道", Category.SUBDISTRICT, "Huíxīng Jiēdào"),
    ("王家湾", VILLAGE, "Wángjiāwān"),
    ("石柱土家族自治县", COUNTY, "Shízhù Tǔjiāzú Zìzhìxiàn"),
    ("神农架林区", COUNTY, "Shénnóngjià Línqū"),
    ("万柏林区", COUNTY, "Wànbólín Qū"),
    ("长子县", COUNTY, "Zhǎngzǐ Xiàn"),
    ("江东路", STREET, "Jiāngdōng Lù"),
    ("金山中路", STREET, "Jīnshān Zhōnglù"),
]


@pytest.mark.parametrize(
    ("rule", "name", "category", "expected"), RULES, ids=[f"{r}-{n}" for r, n, _, _ in RULES]
)
def test_examples_of_the_rules(rule: int, name: str, category: Category, expected: str) -> None:
    assert romanize(name, category).romanization == expected


@pytest.mark.parametrize(("name", "category", "expected"), DISTRICT, ids=[n for n, _, _ in DISTRICT])
def test_names_of_the_district_and_traps(name: str, category: Category, expected: str) -> None:
    assert romanize(name, category).romanization == expected


#: Generic parts of several words: a modifier of two syllables or more stands apart (2, 14), before one syllable it joins.
SEVERAL = [
    ("重庆高新技术产业开发区", Category.ZONE, "Chóngqìng Gāoxīn Jìshù Chǎnyè Kāifāqū"),
    ("长寿经济技术开发区", Category.ZONE, "Chángshòu Jīngjì Jìshù Kāifāqū"),
    ("龙兴工业园区", Category.ZONE, "Lóngxīng Gōngyè Yuánqū"),
    ("龙兴工业园", Category.ZONE, "Lóngxīng Gōngyèyuán"),
    ("重庆两路寸滩保税港区", Category.ZONE, "Chóngqìng Liǎnglùcùntān Bǎoshuì Gǎngqū"),
    ("河北唐山芦台经济开发区", COUNTY, "Héběi Tángshān Lútái Jīngjì Kāifāqū"),
    ("石家庄高新技术产业开发区", COUNTY, "Shíjiāzhuāng Gāoxīn Jìshù Chǎnyè Kāifāqū"),
    ("唐山市汉沽管理区", COUNTY, "Tángshān Shì Hàngū Guǎnlǐqū"),
    ("西沙群岛", COUNTY, "Xīshā Qúndǎo"),
    ("缙云山国家级自然保护区", PARK, "Jìnyúnshān Guójiājí Zìrán Bǎohùqū"),
    ("玉峰山森林公园", PARK, "Yùfēngshān Sēnlín Gōngyuán"),
    ("悦来国际会议中心", FACILITY, "Yuèlái Guójì Huìyì Zhōngxīn"),
    ("重庆江北国际机场", FACILITY, "Chóngqìng Jiāngběi Guójì Jīchǎng"),
    ("重庆北站", FACILITY, "Chóngqìng Běizhàn"),
    ("江北站", FACILITY, "Jiāngběi Zhàn"),
    ("渝北区图书馆", FACILITY, "Yúběi Qū Túshūguǎn"),
    ("兴隆村村民委员会", Category.COMMITTEE, "Xīnglóngcūn Cūnmín Wěiyuánhuì"),
    ("万州五桥机场", FACILITY, "Wànzhōu Wǔqiáo Jīchǎng"),
    ("草街航电枢纽", FACILITY, "Cǎojiē Hángdiàn Shūniǔ"),
    ("景德镇北站", FACILITY, "Jǐngdézhèn Běizhàn"),
    ("新乡高新技术产业开发区", COUNTY, "Xīnxiāng Gāoxīn Jìshù Chǎnyè Kāifāqū"),
    ("湖南湘潭高新技术产业园区", Category.ZONE, "Húnán Xiāngtán Gāoxīn Jìshù Chǎnyè Yuánqū"),
    ("沧州渤海新区", COUNTY, "Cāngzhōu Bóhǎi Xīnqū"),
    ("磁器口古镇", Category.OTHER, "Cíqìkǒu Gǔzhèn"),
    ("湖广会馆", Category.OTHER, "Húguǎng Huìguǎn"),
    ("罗汉寺", Category.OTHER, "Luóhàn Sì"),
    ("人民解放纪念碑", Category.OTHER, "Rénmín Jiěfàng Jìniànbēi"),
]


#: Numerals of streets: days of remembrance in letters (rule 6), ordinals and codes in digits (rule 7).
NUMERALS = [
    ("九一八路", "Jiǔyībā Lù"),
    ("一二九路", "Yī'èrjiǔ Lù"),
    ("一二八路", "Yī'èrbā Lù"),
    ("一二一大街", "Yī'èryī Dàjiē"),
    ("五三〇路", "Wǔsānlíng Lù"),
    ("七七路", "Qīqī Lù"),
    ("九九路", "Jiǔjiǔ Lù"),
    ("双十路", "Shuāngshí Lù"),
    ("重九路", "Chóngjiǔ Lù"),
    ("三月三路", "Sānyuèsān Lù"),
    ("五四路", "Wǔsì Lù"),
    ("五一路", "Wǔyī Lù"),
    ("五卅路", "Wǔsà Lù"),
    ("八一路", "Bāyī Lù"),
    ("七一路", "Qīyī Lù"),
    ("六一路", "Liùyī Lù"),
    ("四八路", "Sìbā Lù"),
    ("五一东路一巷", "Wǔyī Dōnglù 1 Xiàng"),
    ("统一路", "Tǒngyī Lù"),
    ("龙山一路", "Lóngshān 1 Lù"),
    ("十一路", "11 Lù"),
    ("三十八路", "38 Lù"),
    ("第五大道", "Dì-5 Dàdào"),
    ("东四三条", "Dōngsì 3 Tiáo"),
    ("三四一路", "341 Lù"),
    ("七〇三路", "703 Lù"),
    ("兴隆路一段", "Xīnglónglù 1 Duàn"),
    ("金开大道二段", "Jīnkāi Dàdào 2 Duàn"),
    ("人民南路一段", "Rénmín Nánlù 1 Duàn"),
    ("八一路三段", "Bāyīlù 3 Duàn"),
    ("金开大道十一段", "Jīnkāi Dàdào 11 Duàn"),
    ("天府大道南二段", "Tiānfǔ Dàdào Nán 2 Duàn"),
    ("天府大道南段", "Tiānfǔ Dàdào Nánduàn"),
    ("人民南路东段", "Rénmín Nánlù Dōngduàn"),
    ("内环快速路二段", "Nèihuán Kuàisùlù 2 Duàn"),
]


@pytest.mark.parametrize(("name", "expected"), NUMERALS, ids=[n for n, _ in NUMERALS])
def test_numerals_of_streets(name: str, expected: str) -> None:
    answer = romanize(name, STREET)
    assert answer.romanization == expected
    assert (7 in answer.rules) == any(c.isdigit() for c in expected)


#: Modifiers of two syllables stand apart, with their side (rule 2).
MODIFIED = [
    ("储奇门顺城街", "Chǔqímén Shùnchéng Jiē"),
    ("嘉陵江滨江路", "Jiālíngjiāng Bīnjiāng Lù"),
    ("嘉陵江滨江东路", "Jiālíngjiāng Bīnjiāng Dōnglù"),
    ("内环快速路", "Nèihuán Kuàisù Lù"),
    ("北滨江路", "Běibīnjiāng Lù"),
    ("老顺城街", "Lǎoshùnchéng Jiē"),
]


@pytest.mark.parametrize(("name", "expected"), MODIFIED, ids=[n for n, _ in MODIFIED])
def test_modifiers_of_two_syllables(name: str, expected: str) -> None:
    assert romanize(name, STREET).romanization == expected


#: Natural features and what they are (rule 1).
FEATURES = [
    ("小寨天坑", "Xiǎozhài Tiānkēng", "天坑"),
    ("龙水峡地缝", "Lóngshuǐxiá Dìfèng", "地缝"),
    # As 渤海|湾, rule 4: the valley of 黑山.
    ("黑山谷", "Hēishān Gǔ", "谷"),
    ("白鹤梁", "Báihè Liáng", "梁"),
    ("长岭岗", "Chánglǐng Gǎng", "岗"),
    ("观音顶", "Guānyīn Dǐng", "顶"),
    ("大石包", "Dàshí Bāo", "包"),
    ("滟滪堆", "Yànyù Duī", "堆"),
    ("金竹坳", "Jīnzhú Ào", "坳"),
    ("雪玉溶洞", "Xuěyù Róngdòng", "溶洞"),
    ("万盛石林", "Wànshèng Shílín", "石林"),
    ("鼓浪屿", "Gǔlàng Yǔ", "屿"),
]


@pytest.mark.parametrize(("name", "expected", "generic"), FEATURES, ids=[n for n, _, _ in FEATURES])
def test_generics_of_natural_features(name: str, expected: str, generic: str) -> None:
    answer = romanize(name, NATURAL)
    assert answer.romanization == expected and answer.generic is not None
    assert answer.generic[0] == generic
    # A village of the name stays one word (rule 3).
    assert romanize(name, VILLAGE).generic is None


def test_what_villages_end_in_too_speaks_for_no_category() -> None:
    assert [romanize(n).category for n in ("李家梁", "紫金谷", "王家坳")] == [Category.OTHER.value] * 3
    assert romanize("李家梁").romanization == "Lǐjiāliáng"


@pytest.mark.parametrize(("name", "category", "expected"), SEVERAL, ids=[n for n, _, _ in SEVERAL])
def test_generic_parts_of_several_words(name: str, category: Category, expected: str) -> None:
    assert romanize(name, category).romanization == expected


@pytest.mark.parametrize(
    ("name", "category", "expected", "rules"),
    [
        ("龙山一路", STREET, "Lóngshān 1 Lù", (1, 7, 8, 9, 10)),
        ("三八路", STREET, "Sānbā Lù", (1, 6, 8, 9, 10)),
        ("西安路", STREET, "Xī'ān Lù", (1, 8, 9, 10, 11)),
        ("鸭儿凼", VILLAGE, "Yārdàng", (3, 8, 9, 10, 12)),
        ("儿童公园", PARK, "Értóng Gōngyuán", None),
        ("女儿村", Category.COMMITTEE, "Nǚ'ér Cūn", None),
        ("玉峰山森林公园", PARK, "Yùfēngshān Sēnlín Gōngyuán", (1, 2, 4, 8, 9, 10)),
        ("T3航站楼", FACILITY, "T3 Hángzhànlóu", None),
        ("安A1里", VILLAGE, "ĀnA1 Lǐ", None),
    ],
)
def test_an_answer_names_the_rules_that_it_follows(
    name: str, category: Category, expected: str, rules: tuple[int, ...] | None
) -> None:
    answer = romanize(name, category)
    assert answer.romanization == expected and rules in (None, answer.rules)


def test_a_reading_settled_by_a_person_wins_over_the_spelling_of_a_minority_language() -> None:
    settled = Settled.from_rows([("拉萨", "lā sà", None)])
    answer = romanize("拉萨市", COUNTY, settled)
    assert answer.romanization == "Lāsà Shì"
    assert (
        romanize("拉萨市", COUNTY, Settled.from_rows([("长坪", "zhǎng píng", None)])).romanization
        == "Lhasa Shì"
    )


def test_without_a_category_the_answer_says_what_it_took() -> None:
    assert romanize("龙山路").category == STREET.value
    assert romanize("龙山路", VILLAGE).category == VILLAGE.value


def test_parts_stand_apart_and_plain_keeps_umlaut_and_apostrophe() -> None:
    answer = romanize("绿梦大道", STREET).to_json()
    assert answer["specific"] == {"text": "绿梦", "pinyin": "Lǜmèng"}
    assert answer["generic"] == {"text": "大道", "pinyin": "Dàdào"}
    assert answer["plain"] == "Lümeng Dadao"
    assert romanize("西安市", COUNTY).plain == "Xi'an Shi"


def test_a_reading_that_no_entry_settles_is_flagged_with_its_place() -> None:
    answer = romanize("龘长村", Category.COMMITTEE)
    flagged = {u["character"]: u["position"] for u in answer.to_json()["uncertain"]}
    assert flagged == {"长": 1}
    assert not romanize("长寿区", COUNTY).uncertain


def test_curated_readings_win_and_every_row_fits_its_text() -> None:
    table = curated()
    assert len(table) > 200
    for text, reading in table.items():
        first = [syllable.partition("/")[0] for syllable in reading]
        assert romanize(text, VILLAGE).romanization.replace("'", "").lower() == "".join(first), text


def test_a_minority_language_name_is_left_for_a_person() -> None:
    assert romanize("白云鄂博矿区", COUNTY).uncertain
    assert romanize("阿拉善左旗", COUNTY).uncertain
    assert not romanize("石河子市", COUNTY).uncertain


def test_a_generic_part_is_never_uncertain() -> None:
    for name in ("长寿区", "单县", "观山湖区", "河曲县", "大都市"):
        assert all(p < len(name) - 1 for _, p, _ in romanize(name, COUNTY).uncertain), name
    assert romanize("河曲县", COUNTY).romanization == "Héqū Xiàn"


def test_numbers() -> None:
    numerals = ("二", "十", "十二", "四十二", "一百零三", "三", "七〇三")
    assert [number(w) for w in numerals] == [2, 10, 12, 42, 103, 3, 703]


@given(st.text(alphabet=st.characters(categories=["Lo", "Nd", "Po", "Zs"]), min_size=1, max_size=12))
def test_any_text_is_spelled_without_error_and_the_parts_make_the_name(text: str) -> None:
    answer = romanize(text)
    generic = answer.generic[0] if answer.generic else ""
    assert answer.specific[0] + generic == unicodedata.normalize("NFC", text.strip())


def test_no_generic_is_declared_twice() -> None:
    for category, generics in GENERICS.items():
        assert len(set(generics)) == len(generics), category


def test_documented_readings() -> None:
    """Names whose reading a source at hand documents, the source in the row (GeoNames has no tone marks)."""
    with (DATA / "placenames" / "documented_readings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 200 and all(r["source"] and r["licence"] for r in rows)
    for row in rows:
        answer = romanize(row["name"], Category(row["category"]))
        said = answer.plain if "GeoNames" in row["source"] else answer.romanization
        assert said.replace(" ", "").replace("'", "").lower() == row["reading"].replace(" ", ""), row["name"]


#: Heteronyms that everyday phrases read otherwise than places do.
PLACES = [
    ("长坝镇", TOWN, "Chángbà Zhèn"),
    ("诸佛乡", TOWN, "Zhūfó Xiāng"),
    ("柏林镇", TOWN, "Bǎilín Zhèn"),
    ("曾家镇", TOWN, "Zēngjiā Zhèn"),
    ("干溪乡", TOWN, "Gānxī Xiāng"),
    ("塘厦镇", TOWN, "Tángxià Zhèn"),
    ("六都镇", TOWN, "Liùdū Zhèn"),
    ("杉木村", Category.COMMITTEE, "Shānmù Cūn"),
    ("天台村", Category.COMMITTEE, "Tiāntái Cūn"),
    ("天台县", COUNTY, "Tiāntāi Xiàn"),
    ("洪洞村", Category.COMMITTEE, "Hóngdòng Cūn"),
    ("洪洞县", COUNTY, "Hóngtóng Xiàn"),
    ("六合区", COUNTY, "Lùhé Qū"),
    ("六合村", Category.COMMITTEE, "Liùhé Cūn"),
    ("延边朝鲜族自治州", COUNTY, "Yánbiān Cháoxiǎnzú Zìzhìzhōu"),
    ("黄山大道中段", STREET, "Huángshān Dàdào Zhōngduàn"),
    ("肖家湾", VILLAGE, "Xiāojiāwān"),
    ("鸳鸯街道", Category.SUBDISTRICT, "Yuānyāng Jiēdào"),
    ("海客瀛洲大厦", Category.ESTATE, "Hǎikèyíngzhōu Dàshà"),
    ("广厦城社区", Category.COMMITTEE, "Guǎngshàchéng Shèqū"),
    ("厦门路", STREET, "Xiàmén Lù"),
    ("普子乡", TOWN, "Pǔzǐ Xiāng"),
    ("子坪村", Category.COMMITTEE, "Zǐpíng Cūn"),
    ("燕子沟", NATURAL, "Yànzi Gōu"),
    ("宿州路", STREET, "Sùzhōu Lù"),
    ("将军路", STREET, "Jiāngjūn Lù"),
    ("当阳路", STREET, "Dāngyáng Lù"),
    ("相思巷", STREET, "Xiāngsī Xiàng"),
    ("观音桥步行街", STREET, "Guānyīnqiáo Bùxíngjiē"),
]
#: Words of everyday speech that places keep, though the character alone is read otherwise in names.
WORDS = [
    ("当铺巷", "Dàngpù Xiàng"),
    ("相国寺路", "Xiàngguósì Lù"),
    ("丞相祠路", "Chéngxiàngcí Lù"),
    ("照相馆巷", "Zhàoxiàngguǎn Xiàng"),
    ("星宿路", "Xīngxiù Lù"),
    ("大将路", "Dàjiàng Lù"),
    ("大将军路", "Dàjiāngjūn Lù"),
    ("点将路", "Diǎnjiàng Lù"),
    ("将帅路", "Jiàngshuài Lù"),
    ("衣冠庙街", "Yīguānmiào Jiē"),
    ("盐行街", "Yánháng Jiē"),
    ("米行街", "Mǐháng Jiē"),
    ("鱼行街", "Yúháng Jiē"),
    ("牛行街", "Niúháng Jiē"),
    ("木行街", "Mùháng Jiē"),
    ("奋斗路", "Fèndòu Lù"),
    ("斗争路", "Dòuzhēng Lù"),
    ("大雅路", "Dàyǎ Lù"),
    ("干部路", "Gànbù Lù"),
    ("华佗路", "Huàtuó Lù"),
    ("避难巷", "Bìnàn Xiàng"),
]


@pytest.mark.parametrize(("name", "expected"), WORDS, ids=[n for n, _ in WORDS])
def test_words_keep_their_reading(name: str, expected: str) -> None:
    answer = romanize(name, STREET)
    assert (answer.romanization, answer.uncertain) == (expected, ())


def test_a_word_that_sources_read_in_two_ways_is_flagged() -> None:
    answer = romanize("奔月路", STREET)
    assert (answer.romanization, answer.uncertain) == ("Bēnyuè Lù", (("奔", 0, ("bēn", "bèn")),))
    # A guild's street or a street to walk in: nothing says which.
    assert romanize("思行街", STREET).uncertain == (("行", 1, ("xíng", "háng")),)


@pytest.mark.parametrize(("name", "category", "expected"), PLACES, ids=[n for n, _, _ in PLACES])
def test_place_readings_win_over_phrases(name: str, category: Category, expected: str) -> None:
    assert romanize(name, category).romanization == expected


def test_a_settled_reading_wins_in_its_unit_alone() -> None:
    settled = Settled.from_rows([("长坪", "zhǎng píng", "500112"), ("土堡", "tǔ pù", None)])
    village = Category.COMMITTEE
    inside = romanize("长坪村", village, settled, "500112107")
    assert inside.romanization == "Zhǎngpíng Cūn" and not inside.uncertain
    outside = romanize("长坪村", village, settled, "500113")
    assert outside.romanization == "Chángpíng Cūn" and outside.uncertain
    assert romanize("土堡村", village, settled).romanization == "Tǔpù Cūn"
    assert shape("长坪村", village, settled, "500112").sound[0] == {"zhǎng"}
    assert shape("长坪村", village).sound[0] == {"cháng", "zhǎng"}
    with pytest.raises(ValueError, match="syllables"):
        Settled.from_rows([("长坪", "zhǎng", None)])


@pytest.mark.parametrize(
    ("name", "category", "spelled"),
    [
        ("龙桥土家族乡", Category.TOWNSHIP, "Lóngqiáo Tǔjiāzú Xiāng"),
        ("浩口苗族仡佬族乡", Category.TOWNSHIP, "Hàokǒu Miáozú Gēlǎozú Xiāng"),
        ("瀍河回族区", Category.COUNTY_UP, "Chánhé Huízú Qū"),
        ("循化撒拉族自治县", Category.COUNTY_UP, "Xúnhuà Sālāzú Zìzhìxiàn"),
        # A township that merely ends like a short nationality name keeps it.
        ("下回乡", Category.TOWNSHIP, "Xiàhuí Xiāng"),
        ("石板坡长江大桥", Category.FACILITY, "Shíbǎnpō Chángjiāng Dàqiáo"),
        ("长江大桥", Category.FACILITY, "Chángjiāng Dàqiáo"),
        ("济源市", Category.COUNTY_UP, "Jǐyuán Shì"),
        ("济阳区", Category.COUNTY_UP, "Jǐyáng Qū"),
        ("曹妃甸区", Category.COUNTY_UP, "Cáofēidiàn Qū"),
        ("栖霞市", Category.COUNTY_UP, "Qīxiá Shì"),
        ("华山", Category.NATURAL, "Huà Shān"),
        ("九华山", Category.NATURAL, "Jiǔhuá Shān"),
        ("中华山", Category.NATURAL, "Zhōnghuá Shān"),
    ],
)
def test_nationality_units_river_crossings_and_readings(name: str, category: Category, spelled: str) -> None:
    assert romanize(name, category).romanization == spelled


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("拉萨市", "Lhasa Shì"),
        ("乌鲁木齐市", "Ürümqi Shì"),
        ("内蒙古自治区", "Nei Mongol Zìzhìqū"),
        ("新疆维吾尔自治区", "Xīnjiāng Uygur Zìzhìqū"),
        ("河南蒙古族自治县", "Hénán Měnggǔzú Zìzhìxiàn"),
        ("清新区", "Qīngxīn Qū"),
        ("浦东新区", "Pǔdōng Xīnqū"),
    ],
)
def test_divisions_of_their_own_spelling(name: str, expected: str) -> None:
    answer = romanize(name, Category.COUNTY_UP)
    assert (answer.romanization, answer.uncertain) == (expected, ())


def test_every_spelling_from_a_minority_language_has_its_source() -> None:
    with (DATA / "placenames" / "minority_spellings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100 and all(row["specific"] and row["source"] and row["licence"] for row in rows)
    # What no source spells is left to a person.
    assert romanize("白玉县", Category.COUNTY_UP).uncertain


def test_where_sources_disagree_a_person_decides() -> None:
    answer = romanize("宕昌县", Category.COUNTY_UP)
    assert (answer.romanization, answer.uncertain) == ("Dàngchāng Xiàn", (("宕", 0, ("dàng", "tàn")),))
    assert shape("宕昌县", Category.COUNTY_UP).sound[0] == {"dàng", "tàn"}
    settled = Settled.from_rows([("宕昌", "tàn chāng", "621223")])
    assert romanize("宕昌县", Category.COUNTY_UP, settled, "621223").romanization == "Tànchāng Xiàn"
