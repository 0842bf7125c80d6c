"""Why a file, a table, a row or a cell can't be read: stable codes with their sentences in Chinese and English."""

from __future__ import annotations

from ..errors import Reason

# Files and folders
FOLDER_MISSING = Reason(
    "folder.missing", "文件夹不存在或无法打开", "there is no such folder, or it can't be opened"
)
FILE_UNREADABLE = Reason("file.unreadable", "文件“{file}”无法打开", "file {file} can't be opened")
FILE_EMPTY = Reason("file.empty", "文件“{file}”是空的", "file {file} is empty")
FILE_BROKEN = Reason(
    "file.broken",
    "文件“{file}”已损坏，或不是它的扩展名所说的格式",
    "file {file} is damaged or not what its name says",
)
FILE_ENCRYPTED = Reason(
    "file.encrypted",
    "文件“{file}”有密码，请取消密码后另存",
    "file {file} has a password; save it without one",
)
FILE_TOO_LARGE = Reason(
    "file.too-large", "文件“{file}”超过 {limit} MB", "file {file} is larger than {limit} MB"
)
FILE_TOO_WIDE = Reason(
    "file.too-wide",
    "文件“{file}”的表格范围过大（右下角远处有内容），请删除多余的行列",
    "a sheet of {file} spans too many cells; delete what stands far outside the table",
)
FILE_ENCODING = Reason(
    "file.encoding",
    "文件“{file}”的文字编码无法识别（应为 UTF-8 或 GB18030）",
    "the text of {file} is neither UTF-8 nor GB18030",
)
FILE_QUOTES = Reason(
    "file.quotes", "文件“{file}”第 {row} 行的引号不配对", "the quotes in row {row} of {file} don't match"
)

# Tables
TABLE_UNKNOWN = Reason(
    "table.unknown", "找不到能识别的表头，没有读入", "no known table heading found; nothing was read"
)
COLUMNS_MISSING = Reason("columns.missing", "缺少必需的列：{columns}", "columns are missing: {columns}")
ROW_NOT_DATA = Reason(
    "row.not-data", "只有一个单元格有内容，按说明行略过", "only one cell is filled; passed over as a remark"
)
ROW_TOO_LONG = Reason(
    "row.too-long",
    "这一行的单元格比表头多，可能有未加引号的逗号",
    "the row has more cells than the heading; a comma may stand without quotes",
)
ROW_DUPLICATE = Reason(
    "row.duplicate", "与第 {row} 行完全重复，只入账一次", "identical to row {row}; entered once"
)
ROW_DUPLICATE_ELSEWHERE = Reason(
    "row.duplicate",
    "与《{file}》第 {row} 行完全重复，只入账一次",
    "identical to row {row} of {file}; entered once",
)
ROW_AGAIN = Reason(
    "row.batch-again",
    "编号与《{file}》第 {row} 行相同而内容不同",
    "the same number as row {row} of {file} with other content",
)

# Cells
CELL_BLANK = Reason("cell.blank", "必填单元格为空", "a mandatory cell is blank")
CELL_ERROR = Reason("cell.error", "单元格是公式错误“{shown}”", "the cell holds the formula error {shown}")
CELL_MERGED = Reason(
    "cell.merged",
    "合并单元格中的数量不能分摊到各行，请逐行填写",
    "a quantity in merged cells can't be divided among the rows; write it in each row",
)
NUMBER_UNREADABLE = Reason(
    "number.unreadable", "{what}“{shown}”无法识别", "{shown} can't be read as a number"
)
NUMBER_SCIENTIFIC = Reason(
    "number.scientific",
    "{what}“{shown}”是科学计数法，位数可能已丢失",
    "{shown} is in scientific notation; digits may be lost",
)
NUMBER_NEGATIVE = Reason("number.negative", "{what}“{shown}”不能为负", "{shown} may not be negative")
NUMBER_NOT_POSITIVE = Reason("number.not-positive", "{what}“{shown}”必须大于零", "{shown} must be above zero")
NUMBER_TOO_LARGE = Reason("number.too-large", "{what}“{shown}”过大", "{shown} is too large")
NUMBER_FRACTION = Reason("number.fraction", "{what}“{shown}”不是整数", "{shown} is not a whole number")
WEIGHT_FRACTION = Reason(
    "weight.fraction", "{what}“{shown}”不足整克", "{shown} is not a whole number of grams"
)
UNIT_MISSING = Reason("unit.missing", "{what}没有单位", "there is no unit")
UNIT_UNKNOWN = Reason("unit.unknown", "单位“{shown}”无法识别", "the unit {shown} is unknown")
UNIT_CONFLICT = Reason("unit.conflict", "{what}有两个不同的单位", "two different units are given")
MONEY_FRACTION = Reason("money.fraction", "金额“{shown}”不足整分", "{shown} is not a whole number of fen")
DATE_UNREADABLE = Reason("date.unreadable", "日期“{shown}”无法识别", "the date {shown} can't be read")
DATE_CENTURY = Reason(
    "date.century", "日期“{shown}”不在 2000 年至 2099 年之间", "the date {shown} is not between 2000 and 2099"
)
DATE_OUT_OF_SEASON = Reason(
    "date.out-of-season",
    "日期 {day} 与产季 {season} 年相差过远",
    "the date {day} is too far from the season {season}",
)
PACK_UNREADABLE = Reason("pack.unreadable", "规格“{shown}”无法识别", "the package size {shown} can't be read")
BATCHES_UNREADABLE = Reason("batches.unreadable", "批次列表无法识别", "the list of batches can't be read")
BATCHES_REPEATED = Reason(
    "batches.repeated", "批次列表中有重复的批次，只算一次", "a batch stands twice in the list; counted once"
)
NUMBER_LOST_DIGITS = Reason(
    "number.digits-lost",
    "编号以数值保存，超过 15 位，后几位已丢失，请改为文本",
    "the identifier was stored as a number above 15 digits and has lost its end; store it as text",
)
RESULT_UNREADABLE = Reason(
    "result.unreadable", "检测结果“{shown}”无法识别", "the result {shown} can't be read"
)
VERDICT_UNREADABLE = Reason(
    "verdict.unreadable", "结论无法识别（应为 合格 或 不合格）", "the verdict is neither 合格 nor 不合格"
)
CREDIT_CODE_FORM = Reason(
    "credit-code.form",
    "统一社会信用代码格式不符（应为 18 位）",
    "the credit code is not 18 characters of its alphabet",
)
CREDIT_CODE_CHECK = Reason(
    "credit-code.check", "统一社会信用代码校验位不符", "the check character of the credit code is wrong"
)
