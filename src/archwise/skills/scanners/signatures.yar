/* Signatures of what malware does, for any file of a skill. A rule's meta says how grave it is and why. */

rule eicar {
    meta:
        severity = "critical"
        why = "is the test file that every antivirus knows"
    strings:
        $a = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"
    condition:
        $a
}

rule web_shell {
    meta:
        severity = "critical"
        why = "runs what a request sends it (a web shell)"
    strings:
        $php = /(eval|assert|system|passthru|shell_exec)\s*\(\s*(base64_decode\s*\(\s*)?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $asp = /eval\s+request\s*\(/ nocase
        $jsp = /Runtime\.getRuntime\(\)\.exec\(\s*request\.getParameter/
    condition:
        any of them and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

rule stealer {
    meta:
        severity = "critical"
        why = "names the places where browsers, wallets and chat programs keep secrets, several at once (a stealer)"
    strings:
        $chrome = /Google[\\\/]+Chrome[\\\/]+User Data|Application Support\/Google\/Chrome/
        $login = "Login Data"
        $brave = "Brave-Browser"
        $firefox = "key4.db"
        $logins = "logins.json"
        $exodus = /Exodus[\\\/]+exodus\.wallet/ nocase
        $electrum = /Electrum[\\\/]+wallets/ nocase
        $metamask = "nkbihfbeogaeaoehlefnkodbefgpgknn"
        $phantom = "bfnaelmomeimhlpmgjnjophhpkkoljpa"
        $discord = /discord[\\\/]+Local Storage[\\\/]+leveldb/ nocase
        $telegram = /Telegram Desktop[\\\/]+tdata/ nocase
        $keychain = "login.keychain-db"
        $osascript = /display dialog .{0,120}(password|hidden answer)/ nocase
    condition:
        3 of them
}

rule miner {
    meta:
        severity = "critical"
        why = "mines coins"
    strings:
        $pool = /stratum\+(tcp|ssl):\/\/[\w.-]+:\d+/
        $xmrig = /\bxmrig\b.{0,80}(-o|--url|--donate-level)/ nocase
        $wallet = /\b4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b/
    condition:
        $pool or $xmrig or ($wallet and filesize < 200KB)
}

rule password_prompt {
    meta:
        severity = "high"
        why = "asks for the user's password in a window of its own"
    strings:
        $osascript = /osascript.{0,200}display dialog.{0,200}(hidden answer|password)/ nocase
        $credui = "CredUIPromptForCredentials"
        $getcred = /Get-Credential.{0,120}(Invoke-WebRequest|Invoke-RestMethod|irm|iwr)/ nocase
    condition:
        any of them
}

rule ransom {
    meta:
        severity = "critical"
        why = "encrypts files and asks for money"
    strings:
        $note = /your (files|data|documents) (have been|are|were) (encrypted|locked)/ nocase
        $pay = /\b(bitcoin|btc|monero|xmr)\b/ nocase
        $crypt = /\b(Fernet|AES\.new|RSA\.encrypt|cryptography\.|openssl enc|CryptoJS)\b/
        $walk = /os\.walk|rglob|readdirSync|Get-ChildItem|find \//
    condition:
        ($note and $pay and ($crypt or $walk)) or ($note and $crypt and $walk)
}

rule encoded_program {
    meta:
        severity = "critical"
        why = "carries a program in base64"
    strings:
        $pe = /TVqQAAMAAAAEAAAA[A-Za-z0-9+\/]{60}/
        $elf = /f0VMRg[A-Za-z0-9+\/]{80}/
        $macho = /z\/rt\/gcAAA[A-Za-z0-9+\/]{60}/
        $script = /(IyEvYmluL2Jhc2|IyEvYmluL3No|IyEvdXNyL2Jpbi9lbnY)[A-Za-z0-9+\/]{20}/
        $bash_c = /L2Jpbi9iYXNoIC1j[A-Za-z0-9+\/]{12}/
        $curl = /(Y3VybCAt|Y3VybCBodHRw|d2dldCBodHRw|d2dldCAt)[A-Za-z0-9+\/]{12}/
        $python = /(aW1wb3J0IG9z|aW1wb3J0IHNvY2tld|aW1wb3J0IHN1YnByb2Nlc3)[A-Za-z0-9+\/]{12}/
        $powershell = /(SQBFAFgA|aQBlAHgA|cG93ZXJzaGVsbC)[A-Za-z0-9+\/]{12}/
    condition:
        any of them
}

rule keylogger {
    meta:
        severity = "high"
        why = "records keys or the screen and talks to a server"
    strings:
        $keys = /pynput\.keyboard|keyboard\.on_press|GetAsyncKeyState|SetWindowsHookEx|CGEventTapCreate/
        $screen = /ImageGrab\.grab|pyautogui\.screenshot|screencapture -x/
        $clip = /pyperclip\.paste|pbpaste|Get-Clipboard/
        $send = /requests\.post|urlopen\(|httpx\.post|smtplib|fetch\(|sendMessage|sendDocument|curl -/
    condition:
        $send and ($keys or ($screen and $clip))
}

rule exfiltration_by_dns {
    meta:
        severity = "high"
        why = "puts data into the names it looks up"
    strings:
        $python = /(gethostbyname|resolver\.resolve|getaddrinfo)\s*\(\s*f?["'][^"'\n]{0,40}\{/
        $shell = /\b(nslookup|dig|host)\s+["']?[^\s"'\n]*(\$\(|`|\$\{?[A-Za-z_]+\}?)[^\s"'\n]*\.[a-z][\w.-]+/
        $encode = /b64encode|b32encode|hexlify|\.hex\(\)|base64|xxd|hexdump/
    condition:
        ($python or $shell) and $encode
}

/* Languages that no scanner of the panel parses: Go, Rust, Ruby, PHP, Perl, Lua, Java, C#, Swift. */
rule credentials_sent_by_compiled_code {
    meta:
        severity = "high"
        why = "names credentials of this machine's user, in a program that sends data out"
    strings:
        $place1 = /["'`\/](~\/)?\.(ssh\/|aws\/credentials|netrc|npmrc|pypirc|git-credentials|kube\/config|docker\/config\.json|gnupg|claude\/\.credentials|codex\/auth|cargo\/credentials|config\/gcloud|config\/gh)/
        $place2 = /["'\/](id_rsa|id_ed25519|key4\.db|wallet\.dat|Login Data)["']/
        $go = /\bhttp\.(Post|PostForm|NewRequest(WithContext)?)\(/
        $ruby = /\b(Net::HTTP|HTTParty|Faraday|RestClient)\b[^\n]{0,40}\b(post|put|Post|Put|start)\b/
        $rust = /\b(reqwest|ureq|hyper)::|Command::new\("(curl|wget|nc)"\)/
        $php = /CURLOPT_POSTFIELDS|stream_context_create\(/
        $perl = /\b(LWP::UserAgent|HTTP::Tiny|IO::Socket)/
        $lua = /require\s*\(?["'](socket\.http|ltn12)["']/
        $java = /HttpRequest\.newBuilder|HttpURLConnection|PostAsync\(|UploadString\(|URLSession\.shared/
    condition:
        any of ($place*) and any of ($go, $ruby, $rust, $php, $perl, $lua, $java) and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}

/* The same languages: a connection that becomes the input and output of a shell. */
rule reverse_shell_in_other_languages {
    meta:
        severity = "critical"
        why = "hands a shell of this machine to a connection"
    strings:
        $perl = /open\s*\(\s*STD(IN|OUT)\s*,\s*["']>&/
        $perl_connect = /\bconnect\s*\(/
        $ruby = /\bTCPSocket\.(new|open)\b/
        $ruby_shell = /\b(IO\.popen|exec|spawn|Open3)\b/
        $php = /\bfsockopen\s*\(/
        $php_shell = /\b(proc_open|shell_exec|exec|popen)\s*\(/
        $go = /\bnet\.Dial\s*\(/
        $go_shell = /\bexec\.Command\s*\(/
        $shell = /["'\/](\/bin\/)?(ba|z|da)?sh(\s+-i)?["']|cmd\.exe|powershell/
    condition:
        $shell and (($perl and $perl_connect) or ($ruby and $ruby_shell) or ($php and $php_shell) or ($go and $go_shell))
        and filesize < 300KB and not uint32be(0) == 0x2d2d2d0a
}
