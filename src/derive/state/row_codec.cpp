#include "derive/state/row_codec.hpp"

#include "spool/log/byte_codec.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

constexpr std::uint8_t version = 1;

/// The row itself, constant or not.
template <class R, class Wanted>
concept RowOf = std::same_as<std::remove_const_t<R>, Wanted>;

// Each row lists its fields once, for writing, reading and measuring alike.
void each_field(auto& fields, RowOf<ExtensionRow> auto& row) {
  fields.all(row.id, row.name, row.presence, row.presence_note, row.call_status, row.is_known, row.online,
             row.push_online, row.since, row.updated);
}

void each_field(auto& fields, RowOf<QueueRow> auto& row) {
  auto& totals = row.totals;
  fields.all(row.number, row.name, totals.entered, totals.answered, totals.abandoned, totals.overflowed,
             totals.called_back, totals.sla_breached, row.updated);
}

void each_field(auto& fields, RowOf<AgentRow> auto& row) { fields.all(row.state, row.session, row.since, row.updated); }

void each_field(auto& fields, RowOf<CallerRow> auto& row) { fields.all(row.wants_call_back, row.since); }

void each_field(auto& fields, RowOf<CallRow> auto& row) {
  fields.all(row.status, row.direction, row.caller, row.callee, row.started, row.answered, row.updated);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class... Fields>
  void all(const Fields&... fields) {
    (write(fields), ...);
  }

 private:
  void write(const std::string& text) {
    spool::put(out_, static_cast<std::uint16_t>(text.size()));
    out_ += text;
  }
  template <class Number>
  void write(Number number) {
    spool::put(out_, number);
  }

  std::string& out_;
};

class Measure {
 public:
  std::size_t size = sizeof version;
  template <class... Fields>
  void all(const Fields&... fields) {
    ((size += size_of(fields)), ...);
  }

 private:
  static std::size_t size_of(const std::string& text) { return sizeof(std::uint16_t) + text.size(); }
  template <class Number>
  static std::size_t size_of(Number) {
    return sizeof(Number);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : cutter_(bytes) {}
  template <class... Fields>
  void all(Fields&... fields) {
    (read(fields), ...);
  }
  bool is_sound() const { return is_sound_ && cutter_.ok() && cutter_.at_end(); }

 private:
  void read(std::string& text) { text = cutter_.text(cutter_.number<std::uint16_t>()); }
  void read(bool& flag) {
    const auto byte = cutter_.number<std::uint8_t>();
    is_sound_ = is_sound_ && byte <= 1;
    flag = byte == 1;
  }
  template <NamedEnum E>
  void read(E& value) {
    const auto byte = cutter_.number<std::uint8_t>();
    is_sound_ = is_sound_ && byte < enum_count<E>;
    value = static_cast<E>(byte);
  }
  template <class Number>
  void read(Number& number) {
    number = cutter_.number<Number>();
  }

  spool::Cutter cutter_;
  bool is_sound_ = true;
};

template <class R>
std::optional<Row> decode(std::string_view bytes) {
  R row;
  Reader reader(bytes);
  each_field(reader, row);
  return reader.is_sound() ? std::optional<Row>(std::move(row)) : std::nullopt;
}

template <class Visitor>
void visit_fields(Visitor& visitor, const Row& row) {
  std::visit(
      [&visitor]<class R>(const R& each) {
        if constexpr (!std::same_as<R, std::monostate>) each_field(visitor, each);
      },
      row);
}

}  // namespace

std::string encode_row(const Row& row) {
  std::string bytes;
  bytes.reserve(encoded_size(row));
  spool::put(bytes, version);
  Writer writer(bytes);
  visit_fields(writer, row);
  return bytes;
}

std::size_t encoded_size(const Row& row) {
  Measure measure;
  visit_fields(measure, row);
  return measure.size;
}

std::optional<Row> decode_row(TableKind kind, std::string_view bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes.front()) != version) return std::nullopt;
  bytes.remove_prefix(1);
  switch (kind) {
    case TableKind::extension:
      return decode<ExtensionRow>(bytes);
    case TableKind::queue:
      return decode<QueueRow>(bytes);
    case TableKind::agent:
      return decode<AgentRow>(bytes);
    case TableKind::caller:
      return decode<CallerRow>(bytes);
    case TableKind::call:
      return decode<CallRow>(bytes);
  }
  return std::nullopt;
}

}  // namespace pbxbridge::derive::state
