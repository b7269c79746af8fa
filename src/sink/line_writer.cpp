#include "sink/line_writer.hpp"

#include "pbxbridge/event.hpp"
#include "sink/event_line.hpp"

#include <csignal>
#include <span>
#include <thread>
#include <utility>

namespace pbxbridge::sink {

namespace {

constexpr std::size_t batch_events = 512;
constexpr std::size_t batch_bytes = 1024 * 1024;

/// Signals belong to the io thread. SIGPIPE and SIGXFSZ, which a write raises, then show as the error of that write.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

void LineWriter::start() {
  std::thread([self = shared_from_this()] { self->run(); }).detach();
}

void LineWriter::push(Item item) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    if (queue_.size() > 1) return;  // the writer is at work, or has been woken
  }
  changed_.notify_one();
}

void LineWriter::reopen() {
  const std::lock_guard lock(mutex_);
  reopen_ = true;
  changed_.notify_one();
}

void LineWriter::finish() {
  const std::lock_guard lock(mutex_);
  finish_ = true;
  changed_.notify_one();
}

void LineWriter::abandon() {
  const std::lock_guard lock(mutex_);
  abandon_ = true;
  changed_.notify_one();
}

void LineWriter::run() {
  block_signals();
  auto opened = target_->open();
  if (!survives(opened ? std::nullopt : std::optional(opened.error()))) return;
  if (!call_back([&] { handlers_.opened(std::move(*opened)); })) return;
  while (work()) {
  }
}

/// One step; false once there is nothing more to do.
bool LineWriter::work() {
  std::vector<Item> batch;
  bool reopen = false;
  bool finish = false;
  {
    Lock lock(mutex_);
    wait_for_work(lock);
    if (abandon_) return false;
    reopen = std::exchange(reopen_, false);
    batch = take_batch();
    finish = batch.empty() && finish_;
  }
  if (reopen && !survives(target_->reopen())) return false;
  if (!batch.empty() && !write(batch)) return false;
  if ((finish || flush_is_due()) && !survives(target_->flush())) return false;
  if (!finish) return true;
  target_.reset();
  call_back([this] { handlers_.finished(); });
  return false;
}

bool LineWriter::flush_is_due() const {
  const auto flush_at = target_->flush_at();
  return flush_at && *flush_at <= LineTarget::Clock::now();
}

void LineWriter::wait_for_work(Lock& lock) {
  const auto flush_at = target_->flush_at();
  const auto something_to_do = [this] { return abandon_ || finish_ || reopen_ || !queue_.empty(); };
  if (flush_at)
    changed_.wait_until(lock, *flush_at, something_to_do);
  else
    changed_.wait(lock, something_to_do);
}

std::vector<LineWriter::Item> LineWriter::take_batch() {
  std::vector<Item> batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < batch_events && bytes < batch_bytes) {
    bytes += queue_.front().event->size_bytes();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

/// False where the target is of no more use.
bool LineWriter::write(const std::vector<Item>& batch) {
  // One batch holds one generation: the next begins only when all before it is answered.
  const auto generation = batch.front().generation;
  if (generation == rejected_generation_) return answer(batch, 0);
  lines_.clear();
  for (const auto& item : batch) lines_.push_back(event_line(*item.event, item.format, item.redelivered));
  auto written = target_->write(lines_);
  if (written.failure) {
    answer(std::span(batch).first(written.lines), written.lines);
    return survives(written.failure);
  }
  if (written.lines < batch.size()) {
    rejected_generation_ = generation;
    rejection_ = written.retry.value_or("not written");
  }
  return answer(batch, written.lines) && survives(std::nullopt);
}

/// The first `delivered` of them are delivered, the others to be retried.
bool LineWriter::answer(std::span<const Item> items, std::size_t delivered) {
  return call_back([&] {
    for (const auto& item : items.first(delivered)) outcomes_->push(item.token, Outcome::delivered());
    for (const auto& item : items.subspan(delivered)) outcomes_->push(item.token, Outcome::retry(rejection_));
  });
}

/// On an error the target is gone before the sink hears of it, so that the next one finds its file unlocked.
bool LineWriter::survives(const std::optional<Error>& error) {
  auto notice = target_->take_notice();
  if (error) target_.reset();
  return call_back([&] {
           if (notice) handlers_.notice(std::move(*notice));
           if (error) handlers_.failed(*error);
         }) &&
         !error;
}

/// Under the mutex, so that no call is under way once `abandon` has returned: the executor may be gone then. False
/// where the sink has abandoned this writer.
template <class Call>
bool LineWriter::call_back(Call call) {
  const std::lock_guard lock(mutex_);
  if (abandon_) return false;
  call();
  return true;
}

}  // namespace pbxbridge::sink
