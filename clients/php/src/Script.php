<?php

declare(strict_types=1);

namespace Offhook;

use Offhook\Errors\WrongScript;
use Offhook\Language\Option;
use Offhook\Language\PhoneNumbers;
use Offhook\Language\Url;

/**
 * Action text, line by line: `(new Script())->say('en', $greeting)->hangup()`.
 *
 * Each verb returns a new script and leaves the old one as it is. Whatever texts hold, the platform reads them as
 * they were meant; what the language cannot say is a WrongScript, here and not during a call.
 */
final class Script implements \Stringable, \JsonSerializable
{
    private const MOST_LINES = 10;
    private const MOST_BYTES = 8192;
    private const MOST_SECONDS = 14400;

    /** @var list<string> */
    private array $lines = [];
    /** Why no call gets to a further line, or null. */
    private ?string $end = null;

    public function say(string $language, string $text, int $loop = 1, ?string $voice = null): self
    {
        return $this->with([Prompt::say($language, $text, $loop, $voice)->line]);
    }

    public function playback(string $url, int $loop = 1): self
    {
        return $this->with([Prompt::playback($url, $loop)->line]);
    }

    /**
     * Call numbers, all at once, and join the first that answers. Later lines run if nobody does.
     *
     * @param string|list<string> $numbers
     * @param int $ring seconds until nobody has answered
     * @param int|null $max seconds that they may talk
     * @param string $from whose number the callee sees: `caller` or `recipient`
     * @param bool $confirm whether the callee has to press 1
     * @param string|null $next URL, or `self`, to ask with the result
     */
    public function transfer(
        string|array $numbers,
        int $ring = 30,
        ?int $max = null,
        string $from = 'recipient',
        bool $confirm = false,
        ?string $next = null,
    ): self {
        return $this->with([
            'transfer',
            PhoneNumbers::of($numbers),
            ...Option::whole('ring', $ring, 5, 120, default: 30),
            ...Option::whole('max', $max, 1, self::MOST_SECONDS),
            ...Option::word('from', $from, ['caller', 'recipient'], default: 'recipient'),
            ...($confirm ? ['confirm=1'] : []),
            ...Option::next($next),
        ], $next === null ? null : 'a transfer with next asks for a new answer');
    }

    /** Greet, beep and record; then ask `next` (a URL, or `self`), or go on. */
    public function voicemail(?Prompt $greeting = null, ?int $max = null, ?string $next = null): self
    {
        return $this->with([
            'voicemail',
            ...($greeting === null ? [] : [$greeting->line]),
            ...Option::whole('max', $max, 1, self::MOST_SECONDS),
            ...Option::next($next),
        ], $next === null ? null : 'a voicemail with next asks for a new answer');
    }

    /** Collect keys, and ask `next` (the action URL if it is null) what to do with them. */
    public function gather(
        ?Prompt $prompt = null,
        int $digits = 20,
        int $timeout = 5,
        string $finish = '#',
        ?string $next = null,
    ): self {
        return $this->with([
            'gather',
            ...($prompt === null ? [] : [$prompt->line]),
            ...Option::whole('digits', $digits, 1, 20, default: 20),
            ...Option::whole('timeout', $timeout, 1, 60, default: 5),
            ...Option::word('finish', $finish, [...array_map(strval(...), range(0, 9)), '*', '#'], default: '#'),
            ...Option::next($next),
        ], 'gather asks for a new answer');
    }

    /** Be silent, for 1 to 60 seconds. */
    public function pause(int $seconds): self
    {
        Option::refuseOutside('pause', $seconds, 1, 60);
        return $this->with(['pause', (string) $seconds]);
    }

    /** Ask another URL what to do. */
    public function redirect(string $url): self
    {
        return $this->with(['redirect', Url::of($url)], 'redirect asks for a new answer');
    }

    /** Refuse the call, free of charge: `busy`, `declined` or `unavailable`. It stands alone. */
    public function reject(string $reason = 'busy'): self
    {
        if ($this->lines !== []) {
            throw new WrongScript('not-first', 'A reject stands first. End a call that was answered with hangup.');
        }
        if (!in_array($reason, ['busy', 'declined', 'unavailable'], true)) {
            throw new WrongScript('bad-option', 'A call is rejected as busy, declined or unavailable.');
        }
        return $this->with(['reject', $reason], 'reject ends the call');
    }

    public function hangup(): self
    {
        return $this->with(['hangup'], 'hangup ends the call');
    }

    /** Return the text: what an action server answers in UTF-8, and the API takes as an action. */
    public function text(): string
    {
        if ($this->lines === []) {
            throw new WrongScript('empty-answer', 'The script has no action. Add one, such as hangup.');
        }
        return implode("\n", $this->lines);
    }

    public function __toString(): string
    {
        return $this->text();
    }

    /** Stand as text in what is sent, such as the rules of a number. */
    public function jsonSerialize(): string
    {
        return $this->text();
    }

    /** @param list<string> $words */
    private function with(array $words, ?string $end = null): self
    {
        if ($this->end !== null) {
            throw new WrongScript('unreachable-line', "No call gets here: $this->end. Leave the line out.");
        }
        if (count($this->lines) === self::MOST_LINES) {
            $sentence = 'At most ' . self::MOST_LINES . ' lines run. Use redirect to go on with another answer.';
            throw new WrongScript('too-many-lines', $sentence);
        }
        $next = clone $this;
        $next->lines[] = implode(' ', $words);
        $next->end = $end;
        if (strlen($next->text()) > self::MOST_BYTES) {
            throw new WrongScript('too-long', 'At most ' . self::MOST_BYTES . ' bytes are read. Shorten the texts.');
        }
        return $next;
    }
}
